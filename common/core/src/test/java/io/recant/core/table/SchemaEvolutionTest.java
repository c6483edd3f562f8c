package io.recant.core.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.recant.core.manifest.Manifest;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Holds the tables to the rule of {@code data-schemas/README.md}. */
class SchemaEvolutionTest {

  /**
   * A table as readers of a format know it.
   *
   * @param columns column to type, with {@code not null} where a row may not leave it out
   */
  record Known(List<String> partition, List<String> key, LinkedHashMap<String, String> columns) {}

  @Test
  void readersOfThisFormatReadWhatIsWrittenNow() throws IOException {
    for (Map.Entry<String, Known> known : known().entrySet()) {
      assertThatCode(() -> Table.named(known.getKey()))
          .as("table %s stays", known.getKey())
          .doesNotThrowAnyException();
      TableSchema now = Table.named(known.getKey()).schema();
      assertThat(now.partition())
          .as("folders of %s", now.table())
          .isEqualTo(known.getValue().partition());
      assertThat(now.key()).as("key of %s", now.table()).isEqualTo(known.getValue().key());
      assertThat(columns(now))
          .as("columns of %s", now.table())
          .containsAllEntriesOf(known.getValue().columns());
    }
  }

  /** Files of earlier runs lack what was added since: it has to be a column that may be null. */
  @Test
  void whatIsWrittenNowIsReadWhereItIsMissing() throws IOException {
    for (Map.Entry<String, Known> known : known().entrySet()) {
      TableSchema now = Table.named(known.getKey()).schema();
      List<String> added = new ArrayList<>(columns(now).keySet());
      added.removeAll(known.getValue().columns().keySet());
      assertThat(now.columns().stream().filter(c -> added.contains(c.name())))
          .as("columns that %s has got since", now.table())
          .allMatch(TableSchema.Column::nullable);
    }
  }

  private static Map<String, Known> known() throws IOException {
    String file = "/format-" + Manifest.FORMAT + "-tables.yaml";
    ObjectMapper yaml = new ObjectMapper(new YAMLFactory());
    try (InputStream in = SchemaEvolutionTest.class.getResourceAsStream(file)) {
      assertThat(in).as("%s, to be written when the format is raised", file).isNotNull();
      return yaml.readValue(
          in,
          yaml.getTypeFactory().constructMapType(LinkedHashMap.class, String.class, Known.class));
    }
  }

  private static Map<String, String> columns(TableSchema schema) {
    Map<String, String> columns = new LinkedHashMap<>();
    for (TableSchema.Column column : schema.columns()) {
      columns.put(column.name(), column.type() + (column.nullable() ? "" : " not null"));
    }
    return columns;
  }
}
