package dev.halley.server.meter;

import dev.halley.broker.Payload;
import dev.halley.broker.StreamPosition;
import dev.halley.broker.TraceContext;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A publication that was taken, for Java's Flight Recorder. */
@Name("dev.halley.Publication")
@Label("Publication")
@Category("Halley")
@Description("A publication that a request or a WebSocket brought, when it is in the log")
@StackTrace(false)
@SuppressWarnings("UnusedVariable") // the recorder reads the fields
final class PublicationEvent extends Event {
  @Label("Channel")
  private String channel = "";

  @Label("Position")
  private String position = "";

  @Label("Type")
  private String type = "";

  @Label("Size")
  @DataAmount
  private long bytes;

  @Label("Trace")
  @Description("The id of the trace (W3C Trace Context) that it is part of, if any")
  private String trace = "";

  private PublicationEvent() {}

  /** Records one, if somebody records. */
  static void record(String channel, StreamPosition position, Payload payload) {
    PublicationEvent event = new PublicationEvent();
    if (event.shouldCommit()) {
      event.channel = channel;
      event.position = position.toString();
      event.type = payload.type().name();
      event.bytes = payload.size();
      event.trace = payload.trace().map(TraceContext::traceId).orElse("");
      event.commit();
    }
  }
}
