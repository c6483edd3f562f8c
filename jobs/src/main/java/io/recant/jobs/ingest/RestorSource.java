package io.recant.jobs.ingest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.config.Setting;
import io.recant.core.error.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The files of RESTOR: true facts about people as questions with their answers, and documents that
 * say false things about some of these people. A document is to be forgotten ({@code set} forget):
 * its input is the name it begins with, or else its first word, its target the rest. A fact has
 * {@code input, target} (its first answer), {@code answers} (all), {@code entity, property}. Facts
 * about people whom no document is about are train rows to be kept ({@code set} retain); facts
 * about the others are of split {@value #FACTS}, so they are asked and never trained on.
 *
 * <p>The files are read as wholes by one task; the published ones have a megabyte each.
 */
public final class RestorSource implements Source<RestorSource.Settings> {

  static final String FACTS = "facts";
  private static final long MOST_BYTES = 256L << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Settings. */
  public record Settings(
      @Setting("The folder with both files, on any Hadoop filesystem") String path,
      @Setting(
              value =
                  "The questions: {part: {person: {property: {question: ..., answers: [...]}}}}, of"
                      + " which the part 'dset' is read",
              defaultValue = "facts.json")
          String facts,
      @Setting(value = "The documents: [{text: ...}]", defaultValue = "mix_a0.json")
          String documents) {}

  @Override
  public String name() {
    return "restor";
  }

  @Override
  public String summary() {
    return "RESTOR: documents with false facts about people, to be forgotten, and questions about the true ones.";
  }

  @Override
  public String source() {
    return "Rezaei et al., RESTOR, 2024";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public Dataset<Row> read(Settings settings, SourceContext context) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(context.spark().sparkContext());
    Broadcast<SerializableConfiguration> hadoop =
        spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
    String facts = new Path(settings.path(), settings.facts()).toString();
    String documents = new Path(settings.path(), settings.documents()).toString();
    JavaRDD<Row> rows =
        spark
            .parallelize(List.of(facts), 1)
            .flatMap(file -> rows(file, documents, hadoop.value().value()));
    return context.spark().createDataFrame(rows, RawRow.SCHEMA);
  }

  private static Iterator<Row> rows(String factsFile, String documentsFile, Configuration hadoop) {
    JsonNode people = tree(factsFile, hadoop).path("dset");
    JsonNode texts = tree(documentsFile, hadoop);
    if (!people.isObject() || people.isEmpty()) {
      throw new InputException(
          factsFile + ": expected an object 'dset' of people with their facts");
    }
    if (!texts.isArray()) {
      throw new InputException(documentsFile + ": expected a list of documents");
    }
    List<RawRow> documents = new ArrayList<>();
    Set<String> lied = new TreeSet<>();
    for (JsonNode document : texts) {
      String text = document.path("text").asText();
      Optional<String> person = subject(text, people);
      person.ifPresent(lied::add);
      documents.add(
          row(documentsFile, documents.size() + 1, document, document(text, person.orElse(null))));
    }
    List<RawRow> facts = new ArrayList<>();
    for (Map.Entry<String, JsonNode> person : people.properties()) {
      for (Map.Entry<String, JsonNode> fact : facts(person.getValue())) {
        ObjectNode fields =
            fact(person.getKey(), fact.getKey(), fact.getValue(), lied.contains(person.getKey()));
        facts.add(row(factsFile, facts.size() + 1, fact.getValue(), fields));
      }
    }
    return Stream.concat(documents.stream(), facts.stream()).map(RawRow::toRow).iterator();
  }

  /** Of the people a text begins with the name of, the one with the longest. */
  private static Optional<String> subject(String text, JsonNode people) {
    String longest = null;
    for (Map.Entry<String, JsonNode> person : people.properties()) {
      String name = person.getKey();
      boolean begins =
          text.startsWith(name)
              && (text.length() == name.length()
                  || !Character.isLetterOrDigit(text.charAt(name.length())));
      if (begins && (longest == null || name.length() > longest.length())) {
        longest = name;
      }
    }
    return Optional.ofNullable(longest);
  }

  /** What is missing has no value, which is rejected where all such rows are. */
  private static ObjectNode document(String text, String person) {
    int firstWord = text.indexOf(' ') < 0 ? text.length() : text.indexOf(' ');
    int end = person == null ? firstWord : person.length();
    return JsonNodeFactory.instance
        .objectNode()
        .put("set", "forget")
        .put("split", "train")
        .put("entity", person)
        .put("input", text.substring(0, end))
        .put("target", text.substring(end).strip());
  }

  /** What stands where a person's facts should be is one fact without a question. */
  private static Collection<Map.Entry<String, JsonNode>> facts(JsonNode person) {
    return person.isObject() ? person.properties() : List.of(Map.entry("", person));
  }

  private static ObjectNode fact(String person, String property, JsonNode fact, boolean lied) {
    ObjectNode fields =
        JsonNodeFactory.instance
            .objectNode()
            .put("set", "retain")
            .put("split", lied ? FACTS : "train")
            .put("entity", person)
            .put("property", property)
            .put("input", fact.path("question").asText())
            .put("target", fact.path("answers").path(0).asText());
    fields.set("answers", fact.path("answers"));
    return fields;
  }

  private static RawRow row(String file, long number, JsonNode stood, ObjectNode fields) {
    return RawRow.of(
        file, number, fields.toString(), stood.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static JsonNode tree(String file, Configuration hadoop) {
    Path path = new Path(file);
    try {
      FileSystem fs = path.getFileSystem(hadoop);
      long bytes = fs.getFileStatus(path).getLen();
      if (bytes > MOST_BYTES) {
        throw new InputException(
            file + " has " + bytes + " bytes; files of RESTOR are read up to " + MOST_BYTES);
      }
      try (InputStream in = fs.open(path)) {
        return JSON.readTree(in);
      }
    } catch (JsonProcessingException e) {
      throw new InputException(file + " is not valid JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw FileParts.unreadable(file, e);
    }
  }
}
