package io.recant.jobs.cli;

import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/**
 * The local disk behind {@code vault://user:password@host/path}: what it lists names its password.
 */
public final class CredentialFileSystem extends RawLocalFileSystem {

  /** The scheme it is registered under. */
  static final String SCHEME = "vault";

  private URI uri;

  @Override
  public void initialize(URI name, Configuration conf) throws IOException {
    uri = URI.create(name.getScheme() + "://" + name.getAuthority());
    super.initialize(name, conf);
  }

  @Override
  public URI getUri() {
    return uri == null ? super.getUri() : uri;
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    return plain(super.getFileStatus(path));
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    return Arrays.stream(super.listStatus(path))
        .map(CredentialFileSystem::plain)
        .toArray(FileStatus[]::new);
  }

  /** The local disk looks for permissions by a URI of its own scheme. */
  private static FileStatus plain(FileStatus local) {
    return new FileStatus(
        local.getLen(),
        local.isDirectory(),
        local.getReplication(),
        local.getBlockSize(),
        local.getModificationTime(),
        local.getPath());
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }
}
