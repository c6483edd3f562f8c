package io.recant.spark.run;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import io.recant.core.error.InputException;
import io.recant.core.manifest.Json;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Reads small JSON files that a process may have been killed while writing. */
public final class SmallFiles {

  private SmallFiles() {}

  /**
   * The file's JSON, if there is such a file and it is whole. A file that ends early, or whose
   * checksum was not written any more, is what a writer left that died.
   *
   * @throws InputException when the filesystem refuses
   */
  public static Optional<JsonNode> readJson(FileSystem fs, Path file) {
    try (InputStream in = fs.open(file)) {
      JsonNode tree = Json.read(in.readAllBytes(), JsonNode.class);
      return Optional.ofNullable(tree).filter(t -> !t.isMissingNode());
    } catch (FileNotFoundException | EOFException | ChecksumException | JacksonException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new InputException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }
}
