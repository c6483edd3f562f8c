package io.recant.jobs.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;

class LabelledBlockTest {

  private static final float[][] P = {{0.25f, 0.75f}, {1, 0}, {Float.MIN_VALUE, 0.1f}};
  private static final String[] IDS = {"a", "", "ümlaut 漢"};

  @Test
  void whatGoesInComesOut() {
    LabelledBlock block = block();

    List<LabelledRow> rows = new ArrayList<>();
    block.rows().forEachRemaining(rows::add);

    assertThat(rows).extracting(LabelledRow::id).containsExactly(IDS);
    assertThat(rows).extracting(LabelledRow::given).containsExactly(0, 1, 2);
    assertThat(rows).extracting(LabelledRow::key).containsExactly(7L, -1L, Long.MIN_VALUE);
    assertThat(rows).allMatch(LabelledRow::isPredicted).allMatch(row -> row.shard() == 3);
    for (int i = 0; i < P.length; i++) {
      assertThat(rows.get(i).p()).containsExactly(new double[] {P[i][0], P[i][1]});
    }
  }

  @Test
  void aBuilderIsFullInTimeAndBeginsAnew() {
    LabelledBlock.Builder builder = new LabelledBlock.Builder(false, 1 << 20);
    builder.add(UTF8String.fromString("x"), 0, 1, 0, new float[1 << 20]);
    assertThat(builder.isFull()).isTrue();
    assertThat(builder.build().size()).isEqualTo(1);
    assertThat(builder.isEmpty()).isTrue();

    LabelledBlock.Builder unpredicted = new LabelledBlock.Builder(true, 0);
    unpredicted.add(UTF8String.fromString("y"), 0, 1, 5, new float[0]);
    LabelledRow row = unpredicted.build().rows().next();
    assertThat(row.isPredicted()).isFalse();
    assertThat(row.canary()).isTrue();
    assertThat(row.given()).isEqualTo(5);
  }

  /** A row that is shuffled must not take millions of others along. */
  @Test
  void aRowThatIsSentAwayTakesOnlyItselfAlong() throws Exception {
    LabelledBlock.Builder builder = new LabelledBlock.Builder(false, 2);
    for (int i = 0; !builder.isFull(); i++) {
      builder.add(UTF8String.fromString("row " + i), 1, i, i % 2, new float[] {i, -i});
    }
    LabelledBlock block = builder.build();
    assertThat(block.size()).isGreaterThan(1000);
    byte[] bytes = bytes(new LabelledRow(block, 999));

    assertThat(bytes.length).isLessThan(1000);
    LabelledRow row =
        (LabelledRow) new ObjectInputStream(new ByteArrayInputStream(bytes)).readObject();
    assertThat(row.id()).isEqualTo("row 999");
    assertThat(row.key()).isEqualTo(999);
    assertThat(row.given()).isEqualTo(1);
    assertThat(row.p(new LabelledRow.Buffer())).containsExactly(999, -999);
  }

  private static byte[] bytes(Object object) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(object);
    }
    return bytes.toByteArray();
  }

  private static LabelledBlock block() {
    LabelledBlock.Builder builder = new LabelledBlock.Builder(false, 2);
    long[] keys = {7, -1, Long.MIN_VALUE};
    for (int i = 0; i < P.length; i++) {
      builder.add(UTF8String.fromString(IDS[i]), 3, keys[i], i, P[i]);
    }
    return builder.build();
  }
}
