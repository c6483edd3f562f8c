package io.recant.spark.model;

import io.recant.core.error.InputException;
import io.recant.core.error.StepException;
import io.recant.core.manifest.Json;
import io.recant.spark.run.CommittedFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Model directories between a run's filesystem and the local disk, where the engines read and write
 * them. The local copy lives as long as this object.
 */
public final class ModelFiles implements AutoCloseable {

  private static final String WEIGHTS = "model.safetensors";

  /** The SHA-256 of every other file of a directory, as {@code sha256sum} writes and checks it. */
  private static final String CHECKSUMS = "recant.sha256";

  private final java.nio.file.Path local;

  private ModelFiles(java.nio.file.Path local) {
    this.local = local;
  }

  /** An empty local directory to save a model in. */
  public static ModelFiles empty() {
    try {
      return new ModelFiles(Files.createTempDirectory("recant-model"));
    } catch (IOException e) {
      throw new StepException("cannot make a temporary directory: " + e.getMessage(), e);
    }
  }

  /**
   * A local copy of a model directory. One that {@link #publish} wrote is held against its
   * checksums.
   *
   * @throws InputException when a file of it is gone or was changed
   */
  public static ModelFiles stage(Path directory, Configuration hadoop) {
    ModelFiles files = empty();
    try {
      FileSystem fs = directory.getFileSystem(hadoop);
      for (var status : fs.listStatus(directory)) {
        fs.copyToLocalFile(
            false,
            status.getPath(),
            new Path(files.local.resolve(status.getPath().getName()).toUri()),
            true);
      }
      files.verify(directory);
      return files;
    } catch (InputException e) {
      files.close();
      throw e;
    } catch (IOException e) {
      files.close();
      throw new StepException(
          "cannot read the model directory " + directory + ": " + e.getMessage(), e);
    }
  }

  /** The local directory. */
  public java.nio.file.Path local() {
    return local;
  }

  /**
   * Copies the local directory to the run, in place of whatever an interrupted cell had left there,
   * with a file of checksums beside.
   */
  public void publish(Path directory, Configuration hadoop) {
    try {
      FileSystem fs = directory.getFileSystem(hadoop);
      fs.delete(directory, true);
      fs.mkdirs(directory);
      Files.write(local.resolve(CHECKSUMS), checksums());
      try (Stream<java.nio.file.Path> files = Files.list(local)) {
        for (java.nio.file.Path file : files.sorted().toList()) {
          fs.copyFromLocalFile(
              new Path(file.toUri()), new Path(directory, file.getFileName().toString()));
        }
      }
    } catch (IOException e) {
      throw new StepException(
          "cannot write the model directory " + directory + ": " + e.getMessage(), e);
    }
  }

  /** SHA-256 of one file of the local directory. */
  public String sha256(String file) {
    try (InputStream in = Files.newInputStream(local.resolve(file))) {
      return Json.sha256(in);
    } catch (IOException e) {
      throw new StepException("cannot read " + local.resolve(file) + ": " + e.getMessage(), e);
    }
  }

  /**
   * SHA-256 of the weights: of {@code model.safetensors}, or, where they are split, of the names
   * and hashes of all {@code .safetensors} files.
   *
   * @throws InputException when there are none
   */
  public String weightsSha256() {
    if (Files.exists(local.resolve(WEIGHTS))) {
      return sha256(WEIGHTS);
    }
    try (Stream<java.nio.file.Path> files = Files.list(local)) {
      List<String> parts =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(".safetensors"))
              .sorted()
              .map(name -> name + " " + sha256(name) + "\n")
              .toList();
      if (parts.isEmpty()) {
        throw new InputException(
            "the model directory holds neither "
                + WEIGHTS
                + " nor parts of it (*.safetensors); convert other formats first");
      }
      return Json.sha256(String.join("", parts));
    } catch (IOException e) {
      throw new StepException("cannot list " + local + ": " + e.getMessage(), e);
    }
  }

  private List<String> checksums() throws IOException {
    try (Stream<java.nio.file.Path> files = Files.walk(local)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> local.relativize(file).toString())
          .filter(name -> !name.equals(CHECKSUMS))
          .sorted()
          .map(name -> sha256(name) + "  " + name)
          .toList();
    }
  }

  private void verify(Path directory) throws IOException {
    if (!Files.exists(local.resolve(CHECKSUMS))) {
      return;
    }
    for (String line : Files.readAllLines(local.resolve(CHECKSUMS))) {
      String[] expected = line.split(" {2}", 2);
      if (expected.length < 2) {
        throw changed(new Path(directory, CHECKSUMS), "has a line that is no checksum");
      }
      Path file = new Path(directory, expected[1]);
      if (!Files.exists(local.resolve(expected[1]))) {
        throw changed(file, "is gone");
      }
      String actual = sha256(expected[1]);
      if (!actual.equals(expected[0])) {
        throw changed(file, "has SHA-256 " + actual + ", it was written with " + expected[0]);
      }
    }
  }

  private static InputException changed(Path file, String how) {
    return new InputException("model file " + file + " " + how + "; " + CommittedFiles.remedy());
  }

  @Override
  public void close() {
    try (Stream<java.nio.file.Path> files = Files.walk(local)) {
      for (java.nio.file.Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + local, e);
    }
  }
}
