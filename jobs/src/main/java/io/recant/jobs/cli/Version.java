package io.recant.jobs.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine;

/** What was built, from what: written by the build into {@code recant.properties}. */
final class Version implements CommandLine.IVersionProvider {

  private static final Properties BUILD = load();

  @Override
  public String[] getVersion() {
    return new String[] {"recant " + version() + " (" + commit() + ")"};
  }

  static String version() {
    return BUILD.getProperty("version");
  }

  /** The commit, or {@code unknown} for a build outside a checkout. */
  static String commit() {
    String commit = BUILD.getProperty("commit");
    return commit.startsWith("$") ? "unknown" : commit;
  }

  /** The version of a library by its property in the parent pom. */
  static String library(String property) {
    return BUILD.getProperty(property);
  }

  private static Properties load() {
    Properties properties = new Properties();
    try (InputStream in = Version.class.getResourceAsStream("/recant.properties")) {
      properties.load(in);
      return properties;
    } catch (IOException e) {
      throw new UncheckedIOException("recant.properties", e);
    }
  }
}
