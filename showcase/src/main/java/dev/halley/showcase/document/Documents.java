package dev.halley.showcase.document;

import dev.halley.broker.Broker;
import dev.halley.broker.Cursor;
import dev.halley.broker.Payload;
import dev.halley.broker.ReadLimit;
import dev.halley.broker.StreamPosition;
import dev.halley.server.app.Application;
import dev.halley.server.app.Request;
import dev.halley.server.app.RequestRefusedException;
import dev.halley.server.app.Response;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;

/**
 * The documents. Their updates go from the pages straight to the document's channel and from there
 * to the pages. A log is bounded and an update is of use only together with all those before it: so
 * the pages bring a snapshot here now and then, with the position up to which it covers the log,
 * and whoever comes later reads it and then the log from there.
 */
public final class Documents {
  /** The position that a snapshot covers. */
  static final String COVERS = "Document-Covers";

  private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1,24}");
  private static final ReadLimit LEAST = new ReadLimit(1, 1);

  private final Broker broker;
  private final Snapshots snapshots;

  /** Held from looking at the newest snapshot until the new one is kept and announced. */
  private final ReentrantLock lock = new ReentrantLock();

  /** Documents whose updates go through this broker. */
  public Documents(Broker broker) {
    this(broker, Snapshots.Limits.defaults());
  }

  Documents(Broker broker, Snapshots.Limits limits) {
    this.broker = broker;
    this.snapshots = new Snapshots(limits);
  }

  /** Adds its routes. */
  public void addRoutes(Application.Builder routes) {
    routes
        .get("/document/snapshots/{name}", this::read)
        .post("/document/snapshots/{name}", this::write);
  }

  /** The newest snapshot, or with {@code ?before} the one before; 204 if there is none. */
  Response read(Request request) {
    List<Snapshot> both = snapshots.of(name(request));
    int index = request.query("before").isPresent() ? 1 : 0;
    if (index >= both.size()) {
      return Response.status(204).withHeader("Cache-Control", "no-store");
    }
    Snapshot snapshot = both.get(index);
    return new Response(
        200,
        Map.of(
            "Content-Type",
            "application/octet-stream",
            "Cache-Control",
            "no-store",
            COVERS,
            snapshot.covers().toString()),
        snapshot.bytes());
  }

  /** Takes a snapshot that covers the log up to {@code ?covers}; 409 if it has a newer one. */
  Response write(Request request) {
    String name = name(request);
    StreamPosition covers = covers(request);
    ByteBuffer bytes = request.body();
    if (!bytes.hasRemaining() || bytes.remaining() > snapshots.maxBytes()) {
      throw new RequestRefusedException(
          413, "A snapshot has 1 to " + snapshots.maxBytes() + " bytes");
    }
    lock.lock();
    try {
      if (!isInLog(channel(name), covers)) {
        throw new RequestRefusedException(400, "A snapshot covers a position of the log");
      }
      if (!snapshots.put(name, new Snapshot(covers, bytes))) {
        throw new RequestRefusedException(409, "There is a snapshot that covers as much");
      }
      announce(name, covers, bytes.remaining());
    } finally {
      lock.unlock();
    }
    return Response.status(204);
  }

  /** The channel of a document's updates; its snapshots are announced beside it. */
  static String channel(String name) {
    return "document." + name;
  }

  private void announce(String name, StreamPosition covers, int size) {
    String json = "{\"covers\":\"" + covers + "\",\"bytes\":" + size + "}";
    broker
        .publish(channel(name) + ".snapshots", Payload.json(json), Optional.empty())
        .toCompletableFuture()
        .join();
  }

  private boolean isInLog(String channel, StreamPosition position) {
    return broker
        .history(channel, new Cursor.After(position), LEAST)
        .toCompletableFuture()
        .join()
        .gap()
        .isEmpty();
  }

  private static String name(Request request) {
    String name = request.variable("name");
    if (!NAME.matcher(name).matches()) {
      throw new RequestRefusedException(400, "A document's name is 1 to 24 of a-z 0-9 -");
    }
    return name;
  }

  private static StreamPosition covers(Request request) {
    try {
      return StreamPosition.parse(request.query("covers").orElse(""));
    } catch (IllegalArgumentException e) {
      throw new RequestRefusedException(400, String.valueOf(e.getMessage()));
    }
  }
}
