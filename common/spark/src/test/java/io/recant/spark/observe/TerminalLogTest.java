package io.recant.spark.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.core.layout.PatternLayout;
import org.apache.logging.log4j.message.SimpleMessage;
import org.junit.jupiter.api.Test;

/** What {@code conf/log4j2.properties} shows a person of what libraries log. */
class TerminalLogTest {

  @Test
  void passwordsInUrisAreMarked() throws IOException {
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(Path.of("../../conf/log4j2.properties"))) {
      properties.load(in);
    }
    PatternLayout layout =
        PatternLayout.newBuilder()
            .withPattern(properties.getProperty("appender.stderr.layout.pattern"))
            .withAlwaysWriteExceptions(
                Boolean.parseBoolean(
                    properties.getProperty("appender.stderr.layout.alwaysWriteExceptions")))
            .build();
    LogEvent event =
        Log4jLogEvent.newBuilder()
            .setLoggerName("org.example.Library")
            .setLevel(Level.WARN)
            .setMessage(new SimpleMessage("no vault://me:hunter2@host/x"))
            .setThrown(new IOException("Wrong FS: vault://me:hunter2@host:8020/x"))
            .build();

    assertThat(layout.toSerializable(event).substring("00:00:00 ".length()))
        .startsWith("WARN Library: no vault://*****@host/x\n")
        .contains("java.io.IOException: Wrong FS: vault://*****@host:8020/x")
        .doesNotContain("hunter2");
  }
}
