package io.recant.spark;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * The local disk without checksums of its own: full, or closed to this user. It renames nothing.
 */
public final class FaultyFileSystem extends RawLocalFileSystem {

  /** What happens to files whose path contains a text. */
  private record Fault(String path, boolean full) {}

  private static volatile Fault fault;

  /** From now on there is no room for files whose path contains a text. */
  public static void fill(Configuration hadoop, String path) {
    become(hadoop, new Fault(path, true));
  }

  /** From now on files whose path contains a text may not be created. */
  public static void deny(Configuration hadoop, String path) {
    become(hadoop, new Fault(path, false));
  }

  /** From now on the disk is itself again. */
  public static void heal(Configuration hadoop) {
    fault = null;
    hadoop.unset("fs.file.impl");
    hadoop.unset("fs.file.impl.disable.cache");
  }

  private static void become(Configuration hadoop, Fault next) {
    fault = next;
    hadoop.set("fs.file.impl", FaultyFileSystem.class.getName());
    hadoop.set("fs.file.impl.disable.cache", "true");
  }

  @Override
  public boolean rename(Path from, Path to) throws IOException {
    throw new IOException("renames nothing");
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
    return wrap(
        file,
        super.create(file, permission, overwrite, bufferSize, replication, blockSize, progress));
  }

  @Override
  public FSDataOutputStream create(
      Path file,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    return wrap(file, super.create(file, overwrite, bufferSize, replication, blockSize, progress));
  }

  private static FSDataOutputStream wrap(Path file, FSDataOutputStream out) throws IOException {
    Fault now = fault;
    if (now == null || !file.toString().contains(now.path())) {
      return out;
    }
    if (!now.full()) {
      out.close();
      throw new AccessDeniedException(file.toString(), null, "Permission denied");
    }
    return new FSDataOutputStream(new Full(out), null);
  }

  /** Takes the first hundred bytes. */
  private static final class Full extends FilterOutputStream {

    private int left = 100;

    Full(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int b) throws IOException {
      if (left-- <= 0) {
        throw new IOException("No space left on device");
      }
      super.write(b);
    }
  }
}
