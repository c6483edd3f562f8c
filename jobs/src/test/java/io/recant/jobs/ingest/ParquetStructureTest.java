package io.recant.jobs.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParquetStructureTest {

  private static final Configuration HADOOP = new Configuration(false);
  private static final int EXPANSION = 200;

  @TempDir Path directory;

  @Test
  void everyFlippedBitIsEitherHarmlessOrAnInputError() throws IOException {
    Path file = file("a", 7, CompressionCodecName.SNAPPY);
    byte[] bytes = Files.readAllBytes(file);
    int refused = 0;
    for (int at = 0; at < bytes.length; at++) {
      bytes[at] ^= (byte) (1 << at % 8);
      Files.write(file, bytes);
      try {
        check(file);
      } catch (InputException e) {
        assertThat(e).hasMessageContaining("a.parquet");
        refused++;
      }
      bytes[at] ^= (byte) (1 << at % 8);
    }
    assertThat(refused).isGreaterThan(bytes.length / 5);
  }

  @Test
  void aFileCutAnywhereIsRefused() throws IOException {
    Path file = file("b", 3, CompressionCodecName.UNCOMPRESSED);
    assertThatCode(() -> check(file)).doesNotThrowAnyException();
    byte[] bytes = Files.readAllBytes(file);
    for (int length = 0; length < bytes.length; length++) {
      Files.write(file, Arrays.copyOf(bytes, length));
      assertThatThrownBy(() -> check(file))
          .as("%d bytes", length)
          .isInstanceOf(InputException.class);
    }
  }

  /** A page of 80 MB of one byte, in a few kilobytes. */
  @Test
  void aPageThatHoldsTooMuchForItsLengthIsRefused() throws IOException {
    Path file = directory.resolve("bomb.parquet");
    write(file, Binary.fromConstantByteArray(new byte[80 << 20]), 1, CompressionCodecName.GZIP);
    assertThatThrownBy(() -> check(file))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("bomb.parquet")
        .hasMessageContaining("max_expansion = 200");
    assertThatCode(() -> ParquetStructure.check(file.toString(), 100_000, HADOOP))
        .doesNotThrowAnyException();
  }

  private static void check(Path file) {
    ParquetStructure.check(file.toString(), EXPANSION, HADOOP);
  }

  private Path file(String name, int rows, CompressionCodecName codec) throws IOException {
    Path file = directory.resolve(name + ".parquet");
    write(file, Binary.fromString("text"), rows, codec);
    return file;
  }

  private static void write(Path file, Binary text, int rows, CompressionCodecName codec)
      throws IOException {
    MessageType schema =
        MessageTypeParser.parseMessageType(
            "message rows { required binary input; repeated int32 numbers; }");
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(file))
            .withConf(new PlainParquetConfiguration())
            .withType(schema)
            .withCompressionCodec(codec)
            .build()) {
      for (int i = 0; i < rows; i++) {
        Group row = new SimpleGroupFactory(schema).newGroup().append("input", text);
        writer.write(row.append("numbers", i).append("numbers", -i));
      }
    }
  }
}
