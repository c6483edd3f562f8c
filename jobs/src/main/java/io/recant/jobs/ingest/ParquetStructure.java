package io.recant.jobs.ingest;

import io.recant.core.error.InputException;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.format.DictionaryPageHeader;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.SeekableInputStream;
import org.apache.parquet.schema.MessageType;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Looks at how Parquet files are laid out, before anybody reads them: a reader believes the sizes
 * and counts in a footer and in front of each page, allocates what they say, and gives more or
 * fewer rows where they are wrong. Values are not looked at; pages with a checksum are checked
 * against it when they are read.
 */
final class ParquetStructure {

  /** What follows a footer: its length and the magic bytes. */
  private static final int TAIL = 8;

  private final String uri;
  private final long length;
  private final MessageType schema;
  private final SeekableInputStream in;
  private final int maxExpansion;

  private ParquetStructure(
      String uri, long length, MessageType schema, SeekableInputStream in, int maxExpansion) {
    this.uri = uri;
    this.length = length;
    this.schema = schema;
    this.in = in;
    this.maxExpansion = maxExpansion;
  }

  /**
   * Checks files side by side.
   *
   * @throws InputException that names a file in which footer, column chunks and pages contradict
   *     each other, or a page is said to hold more than {@link Expansion} allows; inside a task
   */
  static void check(List<String> files, int maxExpansion, JavaSparkContext spark) {
    Broadcast<SerializableConfiguration> hadoop =
        spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
    int tasks = Math.min(files.size(), 4 * spark.defaultParallelism());
    spark
        .parallelize(files, tasks)
        .foreach(file -> check(file, maxExpansion, hadoop.value().value()));
  }

  static void check(String file, int maxExpansion, Configuration hadoop) {
    try {
      HadoopInputFile input = HadoopInputFile.fromPath(new Path(file), hadoop);
      ParquetReadOptions options = HadoopReadOptions.builder(hadoop).build();
      try (SeekableInputStream in = input.newStream()) {
        ParquetMetadata footer = ParquetFileReader.readFooter(input, options, in);
        MessageType schema = footer.getFileMetaData().getSchema();
        new ParquetStructure(file, input.getLength(), schema, in, maxExpansion).check(footer);
      }
    } catch (InputException e) {
      throw e;
    } catch (IOException | RuntimeException e) { // Parquet throws both at damaged files
      throw FileParts.unreadable(file, e);
    }
  }

  private void check(ParquetMetadata footer) throws IOException {
    for (BlockMetaData rowGroup : footer.getBlocks()) {
      if (rowGroup.getRowCount() < 0) {
        throw wrong("a row group has " + rowGroup.getRowCount() + " rows");
      }
      for (ColumnChunkMetaData column : rowGroup.getColumns()) {
        check(column, rowGroup.getRowCount());
      }
    }
  }

  private void check(ColumnChunkMetaData column, long rows) throws IOException {
    long start = column.getStartingPos();
    long bytes = column.getTotalSize();
    if (start < 0 || bytes < 0 || start > length - TAIL || bytes > length - TAIL - start) {
      throw wrong(column.getPath() + " is said to be where the file has no room for it");
    }
    ColumnDescriptor descriptor = schema.getColumnDescription(column.getPath().toArray());
    if (descriptor.getMaxRepetitionLevel() == 0 && column.getValueCount() != rows) {
      throw wrong(column.getPath() + " has another number of values than the rows are");
    }
    long values = 0;
    long at = start;
    while (values < column.getValueCount() && at < start + bytes) {
      in.seek(at);
      Counted counted = new Counted(new BufferedInputStream(in, 256));
      PageHeader page = Util.readPageHeader(counted);
      at += counted.read;
      check(page, start + bytes - at, column);
      at += page.getCompressed_page_size();
      values += values(page);
    }
    if (values != column.getValueCount()) {
      throw wrong(column.getPath() + " has another number of values than its pages");
    }
  }

  private void check(PageHeader page, long room, ColumnChunkMetaData column) {
    long stored = page.getCompressed_page_size();
    long held = page.getUncompressed_page_size();
    if (stored < 0 || held < 0 || stored > room) {
      throw wrong("a page of " + column.getPath() + " is said to be longer than its column");
    }
    if (!Expansion.allows(stored, held, maxExpansion)) {
      throw wrong(
          "a page of %s holds more than max_expansion = %d times its own length"
              .formatted(column.getPath(), maxExpansion));
    }
    DictionaryPageHeader dictionary = page.getDictionary_page_header();
    if (dictionary != null
        && (dictionary.getNum_values() < 0 || dictionary.getNum_values() > held)) {
      throw wrong("the dictionary of " + column.getPath() + " is said to have more than it holds");
    }
    if (values(page) < 0) {
      throw wrong("a page of " + column.getPath() + " is said to have less than no value");
    }
  }

  private static long values(PageHeader page) {
    if (page.isSetData_page_header()) {
      return page.getData_page_header().getNum_values();
    }
    return page.isSetData_page_header_v2() ? page.getData_page_header_v2().getNum_values() : 0;
  }

  private InputException wrong(String what) {
    return new InputException(
        "cannot read " + uri + " (" + what + "); replace the file or leave it out");
  }

  /** Counts what is read. */
  private static final class Counted extends FilterInputStream {

    private long read;

    Counted(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int b = super.read();
      read += b < 0 ? 0 : 1;
      return b;
    }

    @Override
    public int read(byte[] bytes, int from, int wanted) throws IOException {
      int got = super.read(bytes, from, wanted);
      read += Math.max(got, 0);
      return got;
    }
  }
}
