package io.recant.jobs.cli;

import com.fasterxml.jackson.databind.node.TextNode;
import io.recant.core.config.PipelineConfig;
import io.recant.core.error.ConfigException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Option;

/** What every command that touches a run takes. */
final class RunOptions {

  /** The folder of bundled configurations on the class path. */
  private static final String BUNDLED = "/conf/";

  @Option(
      names = "--conf",
      paramLabel = "FILE",
      description =
          "The pipeline's YAML file: a path, a Hadoop URI, or the name of a bundled one (quickstart.yaml).")
  private String conf;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "Changes one key of the configuration, as in --set run.seed=7. May be given several times.")
  private List<String> overrides = new ArrayList<>();

  @Option(names = "--root", paramLabel = "URI", description = "Where runs are kept (run.root).")
  private String root;

  @Option(names = "--run-id", paramLabel = "ID", description = "Name of the run (run.id).")
  private String runId;

  @Option(
      names = "--master",
      paramLabel = "URL",
      description = "Spark's master when not started by spark-submit. Default: local[*].")
  private String master;

  /** Spark's master, null where spark-submit says it. */
  String master() {
    return master;
  }

  /** The configuration, with the overrides of the command line. */
  PipelineConfig load(Extensions extensions, String defaultConf) {
    String file = conf == null ? defaultConf : conf;
    if (file == null) {
      throw new ConfigException(
          "--conf FILE is missing: the pipeline's YAML file (conf/examples has one for every way to bring your own data)");
    }
    List<String> all = new ArrayList<>(overrides);
    if (root != null) {
      all.add("run.root=" + TextNode.valueOf(root));
    }
    if (runId != null) {
      all.add("run.id=" + TextNode.valueOf(runId));
    }
    return PipelineConfig.parse(
        read(file), file, all, extensions.steps().all().stream().map(step -> step.name()).toList());
  }

  private static String read(String file) {
    Path path = new Path(file);
    try (InputStream in = path.getFileSystem(new Configuration()).open(path)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (FileNotFoundException e) {
      return bundled(file);
    } catch (IOException e) {
      throw new ConfigException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  private static String bundled(String file) {
    String name = file.startsWith("conf/") ? file.substring("conf/".length()) : file;
    try (InputStream in = RunOptions.class.getResourceAsStream(BUNDLED + name)) {
      if (in == null) {
        throw new ConfigException(
            "--conf "
                + file
                + ": there is no such file, and no bundled configuration of that name");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new ConfigException("cannot read the bundled " + name, e);
    }
  }
}
