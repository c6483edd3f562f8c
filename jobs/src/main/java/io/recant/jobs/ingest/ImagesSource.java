package io.recant.jobs.ingest;

import io.recant.core.config.Setting;
import io.recant.core.error.InputException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Picture files in folders that say what they show: {@code train/cat/1.png} or {@code cat/1.png},
 * also in zip files. Every file that is not hidden is a row, so that one that is no picture is seen
 * in quarantine. A row has {@code image} (the bytes of the file, in base64), {@code id} (its path
 * below {@code path}; for one in a zip file that of the zip file, {@code /} and its name there, or
 * its name alone where {@code path} is that zip file) and, where its folders say so, {@code target}
 * and {@code split}.
 *
 * <p>A file is read whole and one after the other by a task, up to {@code max_row_bytes} of it. A
 * zip file is cut into parts by its directory, which each of their tasks reads.
 */
public final class ImagesSource implements Source<ImagesSource.Settings> {

  private static final String ZIP = ".zip";

  /** Settings. */
  public record Settings(
      @Setting("The folder of folders, or a zip file of them, on any Hadoop filesystem")
          String path,
      @Setting(
              value =
                  "Which folder names the class: 1 the one a file lies in, 2 the one that is in, and"
                      + " so on; 0 none",
              defaultValue = "1",
              min = 0)
          int classAt,
      @Setting(
              value =
                  "Folders of these names say the split of what is below; the outermost counts, and"
                      + " names no class",
              defaultValue = "[train, test, val, valid, validation, dev]")
          List<String> splits,
      @Setting(
              value = "A CSV file whose columns go with the pictures it names, their labels say",
              defaultValue = "null")
          Optional<PictureLabels> labels) {}

  /**
   * A file of pictures, or a part of one.
   *
   * @param id what the file is called below the path; empty for a zip file that is the path
   * @param part which of {@code parts} parts of a zip file; there is one of any other
   */
  record Part(String uri, long bytes, String id, int part, int parts) implements Serializable {

    boolean isZip() {
      return ImagesSource.isZip(uri);
    }
  }

  @Override
  public String name() {
    return "images";
  }

  @Override
  public String summary() {
    return "JPEG and PNG files in folders named by class and split, plain or in zip files.";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public boolean picturesOfAnySize() {
    return true;
  }

  @Override
  public Dataset<Row> read(Settings settings, SourceContext context) {
    return read(settings, TextFiles.PART_BYTES / 8, context);
  }

  static Dataset<Row> read(Settings settings, long partBytes, SourceContext context) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(context.spark().sparkContext());
    Configuration conf = spark.hadoopConfiguration();
    List<FileStatus> files = files(settings, context, conf);
    List<Part> parts = parts(files, settings.path(), partBytes, conf);
    Broadcast<SerializableConfiguration> hadoop =
        spark.broadcast(new SerializableConfiguration(conf));
    PictureRows pictures =
        new PictureRows(settings.classAt(), List.copyOf(settings.splits()), context.maxRowBytes());
    int maxExpansion = context.maxExpansion();
    JavaRDD<Row> rows =
        spark
            .parallelize(parts, TextFiles.tasks(parts.size(), files, partBytes, spark))
            .flatMap(
                part ->
                    new RowIterator(
                        part.uri(),
                        part.isZip()
                            ? ZipReader.open(part, pictures, maxExpansion, hadoop.value().value())
                            : new FileReader(part, pictures, hadoop.value().value())));
    Dataset<Row> all = context.spark().createDataFrame(rows, RawRow.SCHEMA);
    return settings.labels().map(labels -> labels.join(all, context)).orElse(all);
  }

  /** The files of the path but that of the labels, which may lie beside them. */
  private static List<FileStatus> files(
      Settings settings, SourceContext context, Configuration conf) {
    Optional<Path> labels =
        settings.labels().map(file -> qualified(new Path(file.path()), conf).getPath());
    return InputFiles.list(settings.path(), context.corpus(), conf).stream()
        .filter(file -> labels.isEmpty() || !file.getPath().equals(labels.get()))
        .toList();
  }

  private static List<Part> parts(
      List<FileStatus> files, String path, long partBytes, Configuration hadoop) {
    FileStatus root = qualified(new Path(path), hadoop);
    List<Part> parts = new ArrayList<>();
    for (FileStatus file : files) {
      String uri = file.getPath().toString();
      Part whole = new Part(uri, file.getLen(), id(root, file), 0, 1);
      int count = whole.isZip() ? (int) Math.min(10_000, 1 + file.getLen() / partBytes) : 1;
      for (int part = 0; part < count; part++) {
        parts.add(new Part(uri, file.getLen(), whole.id(), part, count));
      }
    }
    return parts;
  }

  private static String id(FileStatus root, FileStatus file) {
    String name = file.getPath().toUri().getPath();
    if (!root.isDirectory()) {
      return isZip(name) ? "" : file.getPath().getName();
    }
    String folder = root.getPath().toUri().getPath();
    return name.substring(folder.endsWith("/") ? folder.length() : folder.length() + 1);
  }

  /** Whether a file's name says that it is a zip file. */
  static boolean isZip(String name) {
    return name.toLowerCase(Locale.ROOT).endsWith(ZIP);
  }

  private static FileStatus qualified(Path path, Configuration hadoop) {
    try {
      FileSystem fs = path.getFileSystem(hadoop);
      return fs.getFileStatus(path);
    } catch (FileNotFoundException e) {
      throw new InputException(
          path + " is not there; source images reads a folder or a zip file, and no pattern", e);
    } catch (IOException e) {
      throw FileParts.unreadable(path.toString(), e);
    }
  }

  /** The one row of a file. */
  private static final class FileReader implements RowIterator.Reader {

    private final Part file;
    private final PictureRows pictures;
    private final Configuration hadoop;
    private boolean read;

    FileReader(Part file, PictureRows pictures, Configuration hadoop) {
      this.file = file;
      this.pictures = pictures;
      this.hadoop = hadoop;
    }

    @Override
    public RawRow next() throws IOException {
      if (read) {
        return null;
      }
      read = true;
      try (var in = FileParts.plain(file.uri(), 0, hadoop)) {
        byte[] bytes = in.readNBytes(pictures.readAtMost());
        return pictures.row(file.uri(), 1, file.id(), bytes, file.bytes());
      }
    }

    @Override
    public void close() {
      // The file is closed as soon as it is read.
    }
  }
}
