package dev.halley.server.meter;

import dev.halley.broker.StreamPosition;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A subscription that began to lag, for Java's Flight Recorder. */
@Name("dev.halley.SlowConsumer")
@Label("Slow consumer")
@Category("Halley")
@Description("A subscription left the live path because its connection took no more")
@StackTrace(false)
@SuppressWarnings("UnusedVariable") // the recorder reads the fields
final class SlowConsumerEvent extends Event {
  @Label("Channel")
  private String channel = "";

  @Label("Position up to which it was served")
  private String position = "";

  @Label("Transport")
  private String transport = "";

  private SlowConsumerEvent() {}

  /** Records one, if somebody records. */
  static void record(String channel, StreamPosition position, Via via) {
    SlowConsumerEvent event = new SlowConsumerEvent();
    if (event.shouldCommit()) {
      event.channel = channel;
      event.position = position.toString();
      event.transport = via.label();
      event.commit();
    }
  }
}
