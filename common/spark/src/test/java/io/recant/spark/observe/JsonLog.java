package io.recant.spark.observe;

import com.fasterxml.jackson.databind.JsonNode;
import io.recant.core.manifest.Json;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.config.Property;
import org.apache.logging.log4j.layout.template.json.JsonTemplateLayout;

/** The log of a logger and below as {@code conf/log4j2-json.properties} would write it. */
final class JsonLog implements AutoCloseable {

  private final LoggerContext context = (LoggerContext) LogManager.getContext(false);
  private final Map<LoggerConfig, Level> silenced = new HashMap<>();
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final AbstractAppender appender;
  private final String logger;

  JsonLog(String logger) throws IOException {
    this.logger = logger;
    JsonTemplateLayout layout =
        JsonTemplateLayout.newBuilder()
            .setConfiguration(context.getConfiguration())
            .setEventTemplate(template())
            .build();
    appender =
        new AbstractAppender("json", null, layout, false, Property.EMPTY_ARRAY) {
          @Override
          public void append(LogEvent event) {
            lines.add(layout.toSerializable(event));
          }
        };
    appender.start();
    LoggerConfig config = new LoggerConfig(logger, Level.INFO, false);
    config.addAppender(appender, Level.INFO, null);
    context.getConfiguration().addLogger(logger, config);
    for (LoggerConfig below : context.getConfiguration().getLoggers().values()) {
      if (below.getName().startsWith(logger + ".")) {
        silenced.put(below, below.getLevel());
        below.setLevel(Level.INFO);
        below.setParent(config);
      }
    }
    context.updateLoggers();
  }

  /** The events so far, each parsed from its line. */
  List<JsonNode> events() throws IOException {
    List<JsonNode> events = new ArrayList<>();
    for (String line : lines) {
      events.add(Json.read(line.getBytes(StandardCharsets.UTF_8), JsonNode.class));
    }
    return events;
  }

  private static String template() throws IOException {
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(Path.of("../../conf/log4j2-json.properties"))) {
      properties.load(in);
    }
    return properties.getProperty("appender.stderr.layout.eventTemplate");
  }

  @Override
  public void close() {
    silenced.forEach(LoggerConfig::setLevel);
    context.getConfiguration().removeLogger(logger);
    context.updateLoggers();
    appender.stop();
  }
}
