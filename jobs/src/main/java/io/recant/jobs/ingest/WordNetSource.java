package io.recant.jobs.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.row_number;

import io.recant.core.config.Setting;
import io.recant.core.error.InputException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;

/** The embedded corpus: the definitions of WordNet 3.1, written and labelled by people. */
public final class WordNetSource implements Source<WordNetSource.Settings> {

  /** How definitions become samples. */
  public enum Form {
    /** A definition, and the class of its synset. */
    SUPERSENSE,
    /** A word, and its definition; each word once, with the first of its synsets. */
    DEFINITIONS
  }

  /** What to read. */
  public record Settings(
      @Setting(
              value =
                  "supersense: definition -> one of 45 classes; definitions: word -> definition",
              defaultValue = "supersense")
          Form form,
      @Setting(
              value = "Parts of speech: noun, verb, adj, adv",
              defaultValue = "[noun, verb, adj, adv]")
          List<String> partsOfSpeech) {}

  @Override
  public String name() {
    return "wordnet";
  }

  @Override
  public String summary() {
    return "The 117,791 definitions of WordNet 3.1, which come with Recant.";
  }

  @Override
  public String source() {
    return "Fellbaum, WordNet: An Electronic Lexical Database, MIT Press 1998";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public Dataset<Row> read(Settings settings, SparkSession spark, int maxRowBytes) {
    Form form = settings.form();
    Dataset<Row> rows =
        spark
            .createDataset(settings.partsOfSpeech(), Encoders.STRING())
            .repartition(settings.partsOfSpeech().size())
            .flatMap(
                (FlatMapFunction<String, Row>) part -> lines(part, form),
                Encoders.row(Source.schema()));
    return form == Form.DEFINITIONS ? firstOfEachWord(rows) : rows;
  }

  private static Dataset<Row> firstOfEachWord(Dataset<Row> rows) {
    return rows.withColumn(
            "occurrence",
            row_number()
                .over(
                    Window.partitionBy(col("fields").getItem("input"))
                        .orderBy("source_uri", "source_row")))
        .where("occurrence = 1 or code is not null")
        .drop("occurrence");
  }

  private static Iterator<Row> lines(String part, Form form) {
    String resource = WordNet.FOLDER + "data." + part;
    List<Row> rows = new ArrayList<>();
    try (InputStream in = WordNetSource.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new InputException(
            "wordnet: there is no part of speech '"
                + part
                + "'; the parts are "
                + String.join(", ", WordNet.PARTS));
      }
      BufferedReader reader =
          new BufferedReader(new InputStreamReader(in, StandardCharsets.ISO_8859_1));
      long number = 0;
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        number++;
        if (!WordNet.isLicence(line)) {
          rows.add(row(part, number, line, form));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(resource, e);
    }
    return rows.iterator();
  }

  private static Row row(String part, long number, String line, Form form) {
    String uri = "wordnet31:data." + part;
    byte[] raw = line.getBytes(StandardCharsets.UTF_8);
    try {
      WordNet.Synset synset = WordNet.parse(line);
      Map<String, String> fields = new HashMap<>();
      fields.put("id", part + "-" + synset.offset());
      if (form == Form.SUPERSENSE) {
        fields.put("input", synset.definition());
        fields.put("target", synset.className());
      } else {
        fields.put("input", synset.lemmas().get(0));
        fields.put("target", synset.definition());
        fields.put("class", synset.className());
      }
      return Source.row(uri, number, raw, fields);
    } catch (IllegalArgumentException e) {
      return Source.broken(
          uri,
          number,
          raw,
          "malformed",
          "not a synset: " + e.getMessage().toLowerCase(Locale.ROOT));
    }
  }
}
