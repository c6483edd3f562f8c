package io.recant.jobs.ingest;

import io.recant.core.error.InputException;
import io.recant.jobs.ingest.ImagesSource.Part;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.hadoop.conf.Configuration;

/**
 * The files of one part of a zip file, in the order of its directory. Nothing is ever written
 * anywhere under a name from the file; a name that leads out of it is refused all the same, for it
 * is the row's id. Folders and hidden files are no rows.
 */
final class ZipReader implements RowIterator.Reader {

  private final Part part;
  private final PictureRows pictures;
  private final ZipFile zip;
  private final List<ZipArchiveEntry> entries;
  private final int end;
  private int next;

  private ZipReader(Part part, PictureRows pictures, ZipFile zip, List<ZipArchiveEntry> entries) {
    this.part = part;
    this.pictures = pictures;
    this.zip = zip;
    this.entries = entries;
    this.next = (int) ((long) entries.size() * part.part() / part.parts());
    this.end = (int) ((long) entries.size() * (part.part() + 1) / part.parts());
  }

  /**
   * Reads the directory.
   *
   * @throws InputException when the file is no zip file, is damaged or cut off, or says that it
   *     holds more than {@code maxExpansion} allows
   */
  static ZipReader open(Part part, PictureRows pictures, int maxExpansion, Configuration hadoop) {
    try {
      // The zip file owns the channel, and closes it also where it cannot be opened.
      ZipFile zip =
          ZipFile.builder()
              .setSeekableByteChannel(
                  new StoredBytes(FileParts.plain(part.uri(), 0, hadoop), part.bytes()))
              .setIgnoreLocalFileHeader(true)
              .get();
      List<ZipArchiveEntry> entries = Collections.list(zip.getEntries());
      if (!Expansion.allows(part.bytes(), held(entries, pictures.readAtMost()), maxExpansion)) {
        zip.close();
        throw new IOException(
            "it holds more than max_expansion = " + maxExpansion + " times its own length");
      }
      return new ZipReader(part, pictures, zip, entries);
    } catch (IOException | RuntimeException e) { // damage shows as either
      throw FileParts.unreadable(part.uri(), e);
    }
  }

  /** What is read of all files, at most; a file that is longer than it says is not read on. */
  private static long held(List<ZipArchiveEntry> entries, int readAtMost) {
    return entries.stream()
        .mapToLong(entry -> Math.min(Math.max(0, entry.getSize()), readAtMost))
        .sum();
  }

  @Override
  public RawRow next() throws IOException {
    while (next < end) {
      ZipArchiveEntry entry = entries.get(next++);
      if (!entry.isDirectory() && !isHidden(entry.getName())) {
        return row(entry);
      }
    }
    return null;
  }

  private static boolean isHidden(String name) {
    return !isUnsafe(name) && Arrays.stream(name.split("/")).anyMatch(InputFiles::isHidden);
  }

  private static boolean isUnsafe(String name) {
    return name.startsWith("/")
        || name.contains("\\")
        || name.matches("[A-Za-z]:.*")
        || Arrays.asList(name.split("/")).contains("..");
  }

  private RawRow row(ZipArchiveEntry entry) throws IOException {
    String name = entry.getName();
    if (isUnsafe(name)) {
      return rejected(
          new byte[0],
          Rejection.UNSAFE_NAME,
          "'" + name + "' is an absolute name, or has '..' or a backslash");
    }
    if (!isReadable(entry)) {
      return rejected(
          new byte[0], Rejection.MALFORMED, name + " is encrypted, or neither stored nor deflated");
    }
    byte[] bytes;
    try (InputStream in = zip.getInputStream(entry)) {
      bytes = in.readNBytes((int) Math.min(entry.getSize() + 1, pictures.readAtMost()));
    } catch (ZipException | EOFException e) {
      return rejected(
          new byte[0], Rejection.MALFORMED, name + " cannot be unpacked: " + e.getMessage());
    }
    if (bytes.length <= pictures.maxRowBytes() && !isWhole(entry, bytes)) {
      return rejected(
          bytes, Rejection.MALFORMED, name + " has not the length or the checksum it should have");
    }
    String id = part.id().isEmpty() ? name : part.id() + "/" + name;
    return pictures.row(part.uri(), next, id, bytes, entry.getSize());
  }

  private static boolean isReadable(ZipArchiveEntry entry) {
    return !entry.getGeneralPurposeBit().usesEncryption()
        && (entry.getMethod() == ZipEntry.STORED || entry.getMethod() == ZipEntry.DEFLATED)
        && entry.getSize() >= 0;
  }

  private static boolean isWhole(ZipArchiveEntry entry, byte[] bytes) {
    CRC32 checksum = new CRC32();
    checksum.update(bytes);
    return bytes.length == entry.getSize() && checksum.getValue() == entry.getCrc();
  }

  private RawRow rejected(byte[] bytes, String code, String reason) {
    return RawRow.rejected(
        part.uri(), next, bytes, pictures.maxRowBytes(), new Rejection(code, reason));
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
