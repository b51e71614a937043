package dev.halley.showcase.chat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The chat's file: records, one after the other, only ever appended. When it has grown to its bound
 * it is written anew with the newest ones, beside the old one, which it then replaces.
 *
 * <p>For one thread at a time.
 */
final class ArchiveFile implements AutoCloseable {
  /**
   * How much is kept.
   *
   * @param fileBytes the file is written anew beyond that
   * @param channels records of at most so many, the ones with the newest records
   * @param recordsPerChannel at most so many of each
   */
  record Limits(long fileBytes, int channels, int recordsPerChannel) {
    static Limits defaults() {
      return new Limits(4 << 20, 64, 300);
    }
  }

  private final Path path;
  private final Limits limits;
  private FileChannel file;

  private ArchiveFile(Path path, Limits limits, FileChannel file) {
    this.path = path;
    this.limits = limits;
    this.file = file;
  }

  /**
   * Opens a file, or makes it, for this process alone.
   *
   * @throws IOException if it can't be opened; the message says why
   */
  static ArchiveFile open(Path path, Limits limits) throws IOException {
    Files.createDirectories(path.toAbsolutePath().getParent());
    return new ArchiveFile(path, limits, openAlone(path));
  }

  private static FileChannel openAlone(Path path) throws IOException {
    FileChannel file =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      if (file.tryLock() != null) {
        return file;
      }
    } catch (OverlappingFileLockException e) {
      // Another one of this process has it.
    }
    file.close();
    throw new IOException(path + " is in use by another server");
  }

  /** The newest records within the bounds, in order. What follows a damaged one is cut off. */
  List<ArchiveRecord> read() throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(Math.min(file.size(), readLimit())));
    long position = 0;
    while (bytes.hasRemaining()) {
      int count = file.read(bytes, position);
      if (count < 0) {
        break;
      }
      position += count;
    }
    bytes.flip();
    List<ArchiveRecord> records = new ArrayList<>();
    Optional<ArchiveRecord> next = ArchiveRecord.decode(bytes);
    while (next.isPresent()) {
      records.add(next.get());
      next = ArchiveRecord.decode(bytes);
    }
    file.truncate(bytes.position());
    file.position(bytes.position());
    return newest(records);
  }

  /** Appends records; when it returns they are on the disk, all or, if it throws, none. */
  void append(List<ArchiveRecord> records) throws IOException {
    long before = file.size();
    try {
      write(file, records);
      file.force(false);
    } catch (IOException e) {
      file.truncate(before);
      file.position(before);
      throw e;
    }
    if (file.size() > limits.fileBytes()) {
      rewrite(read());
    }
  }

  long size() throws IOException {
    return file.size();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private void rewrite(List<ArchiveRecord> records) throws IOException {
    Path next = path.resolveSibling(path.getFileName() + ".new");
    Files.deleteIfExists(next);
    FileChannel fresh = openAlone(next);
    try {
      write(fresh, records);
      fresh.force(true);
      Files.move(next, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      fresh.close();
      throw e;
    }
    file.close();
    file = fresh;
  }

  /** Half of the bound, so that it isn't written anew soon. */
  private List<ArchiveRecord> newest(List<ArchiveRecord> records) {
    Map<String, Integer> counts = new HashMap<>();
    List<ArchiveRecord> kept = new ArrayList<>();
    long bytes = 0;
    for (ArchiveRecord record : withoutRetries(records).reversed()) {
      bytes += record.encode().remaining();
      if (bytes > limits.fileBytes() / 2) {
        break;
      }
      int count = counts.getOrDefault(record.channel(), 0);
      if (count == 0 ? counts.size() < limits.channels() : count < limits.recordsPerChannel()) {
        counts.put(record.channel(), count + 1);
        kept.add(record);
      }
    }
    return kept.reversed();
  }

  private static List<ArchiveRecord> withoutRetries(List<ArchiveRecord> records) {
    Set<String> seen = new HashSet<>();
    return records.stream()
        .filter(record -> seen.add(record.channel() + ' ' + record.key()))
        .toList();
  }

  /** One append beyond the bound may be in it. */
  private long readLimit() {
    return Math.min(4 * limits.fileBytes() + (64 << 20), Integer.MAX_VALUE - 16L);
  }

  private static void write(FileChannel out, List<ArchiveRecord> records) throws IOException {
    for (ArchiveRecord record : records) {
      ByteBuffer bytes = record.encode();
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
    }
  }
}
