package io.recant.spark.run;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FilterFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/** A filesystem on which something else happens before a chosen operation of its only user. */
final class InterleavedFileSystem extends FilterFileSystem {

  /** What happens meanwhile. */
  interface Meanwhile {
    void happen() throws IOException;
  }

  private final Map<Integer, Meanwhile> beforeOperation = new HashMap<>();
  private final Map<Integer, Meanwhile> beforeListing = new HashMap<>();
  private int operations;
  private int listings;

  InterleavedFileSystem(FileSystem fs) {
    super(fs);
  }

  /** Something happens before an operation, the first being 1. */
  void before(int operation, Meanwhile meanwhile) {
    beforeOperation.put(operation, meanwhile);
  }

  /** Something happens before a listing, the first being 1. */
  void atListing(int listing, Meanwhile meanwhile) {
    beforeListing.put(listing, meanwhile);
  }

  @Override
  public FSDataOutputStream create(
      Path file,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    operation();
    return super.create(file, permission, overwrite, bufferSize, replication, blockSize, progress);
  }

  @Override
  public boolean delete(Path file, boolean recursive) throws IOException {
    operation();
    return super.delete(file, recursive);
  }

  @Override
  public FileStatus[] listStatus(Path folder) throws IOException {
    operation();
    happen(beforeListing, ++listings);
    return super.listStatus(folder);
  }

  private void operation() throws IOException {
    happen(beforeOperation, ++operations);
  }

  private static void happen(Map<Integer, Meanwhile> when, int now) throws IOException {
    Meanwhile meanwhile = when.remove(now);
    if (meanwhile != null) {
      meanwhile.happen();
    }
  }
}
