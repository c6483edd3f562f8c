package io.recant.jobs.ingest;

import io.recant.ml.data.ImageShape;
import io.recant.ml.data.Span;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/**
 * What a row says, or why it says nothing. Of a rejected row every component but the place, {@code
 * raw} and {@code rejection} is null.
 *
 * @param key the sample's name; rows of the same content and no own id still share it
 * @param ownId whether {@code key} is made from the row's own id
 * @param input empty where the row has an image and no text
 * @param spans the bad parts of the target; null where nothing is said of parts
 * @param modelProbabilities of the further models, in the order of their names
 */
record ParsedRow(
    RawRow from,
    byte[] raw,
    Rejection rejection,
    String key,
    boolean ownId,
    String input,
    String target,
    String context,
    String entity,
    String split,
    byte[] image,
    ImageShape imageShape,
    List<String> steps,
    List<Span> spans,
    String meta,
    String annotator,
    float[] probabilities,
    float[] embedding,
    float[][] modelProbabilities) {

  static final StructType SCHEMA =
      StructType.fromDDL(
          "source_uri string not null, source_row bigint not null, raw binary, code string,"
              + " reason string, key string, own_id boolean not null, input string,"
              + " target string, context string, entity string, split string, image binary, image_shape string,"
              + " steps array<string>, spans array<struct<from:int,to:int>>, meta string, annotator string,"
              + " probabilities array<float>, embedding array<float>, model_probabilities array<array<float>>");

  static ParsedRow rejected(RawRow from, byte[] raw, Rejection rejection) {
    return new ParsedRow(
        from, raw, rejection, null, false, null, null, null, null, null, null, null, null, null,
        null, null, null, null, null);
  }

  Row toRow() {
    return RowFactory.create(
        from.sourceUri(),
        from.sourceRow(),
        raw,
        rejection == null ? null : rejection.code(),
        rejection == null ? null : rejection.reason(),
        key,
        ownId,
        input,
        target,
        context,
        entity,
        split,
        image,
        imageShape == null ? null : imageShape.toString(),
        steps == null ? null : steps.toArray(String[]::new),
        spans == null ? null : spans.stream().map(ParsedRow::toRow).toArray(Row[]::new),
        meta,
        annotator,
        probabilities,
        embedding,
        modelProbabilities);
  }

  private static Row toRow(Span span) {
    return RowFactory.create(span.from(), span.to());
  }
}
