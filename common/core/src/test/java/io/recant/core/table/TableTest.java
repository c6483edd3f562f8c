package io.recant.core.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TableTest {

  @Test
  void tablesAndFilesAreTheSame() throws IOException, URISyntaxException {
    Path folder = Path.of(Table.class.getResource("/data-schemas/samples.yaml").toURI());
    try (Stream<Path> files = Files.list(folder.getParent())) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(
              Arrays.stream(Table.values()).map(t -> t.tableName() + ".yaml").toList());
    }
  }

  @ParameterizedTest
  @EnumSource(Table.class)
  void everyTableIsDescribedWhole(Table table) {
    TableSchema schema = table.schema();
    List<String> names = schema.columns().stream().map(TableSchema.Column::name).toList();

    assertThat(schema.table()).isEqualTo(table.tableName());
    assertThat(schema.doc()).isNotBlank();
    assertThat(names).doesNotHaveDuplicates().allMatch(n -> n.matches("[a-z][a-z0-9_]*"));
    assertThat(schema.columns())
        .allSatisfy(
            column -> {
              assertThat(column.doc()).as(column.name()).isNotBlank();
              assertThat(column.type()).as(column.name()).isNotBlank();
            });
  }

  /** Folder names come last, as Spark reads them back; the writer needs at least one. */
  @ParameterizedTest
  @EnumSource(Table.class)
  void partitionColumnsAreTheLastOnes(Table table) {
    TableSchema schema = table.schema();
    List<TableSchema.Column> columns = schema.columns();
    int plain = columns.size() - schema.partition().size();

    assertThat(schema.partition()).isNotEmpty();
    assertThat(columns.subList(plain, columns.size()))
        .extracting(TableSchema.Column::name)
        .containsExactlyElementsOf(schema.partition());
    assertThat(columns.subList(plain, columns.size()))
        .noneMatch(TableSchema.Column::nullable)
        .noneMatch(TableSchema.Column::isVolatile);
  }

  @ParameterizedTest
  @EnumSource(Table.class)
  void theKeyIsThereInEveryRowOfEveryRun(Table table) {
    TableSchema schema = table.schema();

    assertThat(schema.key()).isNotEmpty().doesNotHaveDuplicates();
    for (String key : schema.key()) {
      TableSchema.Column column =
          schema.columns().stream().filter(c -> c.name().equals(key)).findFirst().orElseThrow();
      assertThat(column.nullable()).as(key).isFalse();
      assertThat(column.isVolatile()).as(key).isFalse();
    }
  }

  /** Who reads forget, retain or review needs nothing else: they carry the sample whole. */
  @Test
  void theSetsCarryTheSampleAndItsVerdict() {
    HashSet<TableSchema.Column> wanted = new HashSet<>();
    Table.SAMPLES.schema().columns().forEach(c -> wanted.add(bare(c)));
    for (Table set : List.of(Table.FORGET, Table.RETAIN, Table.REVIEW)) {
      assertThat(set.schema().columns().stream().map(TableTest::bare))
          .as(set.tableName())
          .containsAll(wanted)
          .anyMatch(c -> c.name().equals("p_bad"));
    }
  }

  @Test
  void damagedSamplesLookLikeSamples() {
    assertThat(Table.DAMAGED.schema().columns().stream().map(TableTest::bare))
        .containsExactlyElementsOf(
            Table.SAMPLES.schema().columns().stream().map(TableTest::bare).toList());
  }

  @Test
  void tablesAreFoundByName() {
    assertThat(Arrays.stream(Table.values()).map(t -> Table.named(t.tableName())))
        .containsExactly(Table.values());
    assertThatThrownBy(() -> Table.named("nothing")).isInstanceOf(IllegalArgumentException.class);
  }

  private static TableSchema.Column bare(TableSchema.Column c) {
    return new TableSchema.Column(c.name(), c.type(), c.nullable(), c.isVolatile(), "");
  }
}
