package dev.halley.showcase.chat;

import dev.halley.broker.Batch;
import dev.halley.broker.Broker;
import dev.halley.broker.BrokerUnavailableException;
import dev.halley.broker.BrokerUsage;
import dev.halley.broker.ChannelUsage;
import dev.halley.broker.Cursor;
import dev.halley.broker.IdempotencyKey;
import dev.halley.broker.Payload;
import dev.halley.broker.Presence;
import dev.halley.broker.ReadLimit;
import dev.halley.broker.StreamPosition;
import dev.halley.broker.Tail;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A broker that has what is said in the chat on the disk before it is in the log, and so before the
 * sender is told that it was published: a process that is killed loses nothing that it said it has.
 * What a new process finds in the file it publishes once more.
 *
 * <p>One thread writes. All that came while it waited for the disk is written at once, so many
 * senders wait for the disk once. Positions follow the order in the file.
 */
public final class ArchivingBroker implements Broker {
  private static final Logger LOGGER = System.getLogger(ArchivingBroker.class.getName());
  private static final int QUEUE = 1_024;

  /** What waits for the disk. The stop is the last. */
  private sealed interface Work {
    record Append(ArchiveRecord record, CompletableFuture<StreamPosition> answer) implements Work {}

    record Stop() implements Work {}
  }

  private final Broker broker;
  private final ArchiveFile file;
  private final ArrayBlockingQueue<Work> queue = new ArrayBlockingQueue<>(QUEUE);
  private final Thread writer;
  private volatile boolean closed;

  private ArchivingBroker(Broker broker, ArchiveFile file) {
    this.broker = broker;
    this.file = file;
    this.writer =
        Thread.ofPlatform().daemon().name("halley-chat-archive").unstarted(this::writeUntilClosed);
  }

  /**
   * Reads the file, publishes what is in it, and keeps what is published from now on.
   *
   * @param broker a new one; it is closed with this one
   * @throws IOException if the file can't be used; the message says why
   */
  public static ArchivingBroker open(Broker broker, Path path) throws IOException {
    ArchiveFile file = ArchiveFile.open(path, ArchiveFile.Limits.defaults());
    try {
      for (ArchiveRecord record : file.read()) {
        publish(broker, record).toCompletableFuture().join();
      }
    } catch (IOException | CompletionException e) {
      file.close();
      throw e;
    }
    ArchivingBroker archiving = new ArchivingBroker(broker, file);
    archiving.writer.start();
    return archiving;
  }

  @Override
  public CompletionStage<StreamPosition> publish(
      String channel, Payload payload, Optional<IdempotencyKey> idempotencyKey) {
    String key =
        idempotencyKey.map(ArchivingBroker::text).orElseGet(() -> UUID.randomUUID().toString());
    if (!ChatChannels.isMessages(channel) || !ArchiveRecord.fits(key, payload)) {
      return broker.publish(channel, payload, idempotencyKey);
    }
    CompletableFuture<StreamPosition> answer = new CompletableFuture<>();
    Work work = new Work.Append(new ArchiveRecord(channel, key, payload), answer);
    // Looked at again after it was queued: what comes behind the last look at the queue waits
    // there.
    if (closed || !queue.offer(work) || (closed && queue.remove(work))) {
      return CompletableFuture.failedFuture(
          new BrokerUnavailableException("The chat's file can't take more now"));
    }
    return answer;
  }

  @Override
  public CompletionStage<Batch> history(String channel, Cursor since, ReadLimit limit) {
    return broker.history(channel, since, limit);
  }

  @Override
  public Tail follow(String channel, Runnable onGrow) {
    return broker.follow(channel, onGrow);
  }

  @Override
  public Optional<Presence> presence() {
    return broker.presence();
  }

  @Override
  public boolean isAvailable() {
    return !closed && broker.isAvailable();
  }

  @Override
  public Optional<BrokerUsage> usage() {
    return broker.usage();
  }

  @Override
  public Optional<ChannelUsage> usage(String channel) {
    return broker.usage(channel);
  }

  @Override
  public List<String> channels(String prefix, String after, int limit) {
    return broker.channels(prefix, after, limit);
  }

  /** Writes what waits, and closes the file and the broker. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      queue.put(new Work.Stop());
      writer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    broker.close();
  }

  private void writeUntilClosed() {
    List<Work> batch = new ArrayList<>();
    try (file) {
      do {
        batch.clear();
        batch.add(queue.take());
        queue.drainTo(batch);
        write(batch);
      } while (batch.stream().noneMatch(Work.Stop.class::isInstance));
    } catch (InterruptedException | IOException e) {
      LOGGER.log(Level.ERROR, "the chat's file is no longer written", e);
    }
    closed = true;
    queue.drainTo(batch);
    refuse(appends(batch), "The chat's file is closed");
  }

  private void write(List<Work> batch) {
    List<Work.Append> appends = appends(batch);
    try {
      file.append(appends.stream().map(Work.Append::record).toList());
    } catch (IOException e) {
      LOGGER.log(Level.WARNING, "the chat's file can''t be written", e);
      refuse(appends, "The chat's file can't be written");
      return;
    }
    appends.forEach(append -> publish(broker, append.record).whenComplete(into(append.answer)));
  }

  private static List<Work.Append> appends(List<Work> batch) {
    List<Work.Append> appends = new ArrayList<>();
    for (Work work : batch) {
      if (work instanceof Work.Append append) {
        appends.add(append);
      }
    }
    return appends;
  }

  /** Those that have their answer already keep it. */
  private static void refuse(List<Work.Append> appends, String rule) {
    appends.forEach(
        append -> append.answer.completeExceptionally(new BrokerUnavailableException(rule)));
  }

  private static CompletionStage<StreamPosition> publish(Broker broker, ArchiveRecord record) {
    return broker.publish(
        record.channel(), record.payload(), Optional.of(IdempotencyKey.of("", record.key())));
  }

  /** Another text for another key, whatever is in its parts. */
  private static String text(IdempotencyKey key) {
    return key.entry() + ":" + key.scope().length() + ":" + key.scope() + key.key();
  }

  private static BiConsumer<@Nullable StreamPosition, @Nullable Throwable> into(
      CompletableFuture<StreamPosition> answer) {
    return (position, failure) -> {
      if (position != null) {
        answer.complete(position);
      } else {
        answer.completeExceptionally(
            failure == null
                ? new IllegalStateException("neither a position nor a failure")
                : failure);
      }
    };
  }
}
