package dev.halley.server.meter;

import dev.halley.broker.Payload;
import dev.halley.broker.StreamPosition;
import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * What is said to Java's Flight Recorder, if it was ever started. The events' own classes aren't
 * touched before: to load one starts the recorder, which takes as long as half a server's start.
 */
public final class FlightEvents {
  private FlightEvents() {}

  /** A connection begins. The event, if somebody records it, ends with the connection. */
  public static @Nullable ConnectionEvent connection() {
    return FlightRecorder.isInitialized() ? ConnectionEvent.beginNew() : null;
  }

  /** A publication is in the log. */
  public static void publication(String channel, StreamPosition position, Payload payload) {
    if (FlightRecorder.isInitialized()) {
      PublicationEvent.record(channel, position, payload);
    }
  }

  /** A subscription began to lag. */
  public static void slowConsumer(String channel, StreamPosition position, Via via) {
    if (FlightRecorder.isInitialized()) {
      SlowConsumerEvent.record(channel, position, via);
    }
  }
}
