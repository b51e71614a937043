package dev.halley.server.meter;

import java.net.SocketAddress;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** A connection, from its begin to its end, for Java's Flight Recorder. */
@Name("dev.halley.Connection")
@Label("Connection")
@Category("Halley")
@Description("A connection that began while something was recorded, when it has ended")
@StackTrace(false)
@SuppressWarnings("UnusedVariable") // the recorder reads the fields
public final class ConnectionEvent extends Event {
  @Label("Remote address")
  private String remoteAddress = "";

  @Label("Transport at its end")
  private String transport = "";

  /** Not begun yet. */
  private ConnectionEvent() {}

  /** Begins one, if somebody records. */
  static @Nullable ConnectionEvent beginNew() {
    ConnectionEvent event = new ConnectionEvent();
    if (!event.isEnabled()) {
      return null;
    }
    event.begin();
    return event;
  }

  /** Ends it. */
  public void endWith(SocketAddress remote, Via via) {
    if (shouldCommit()) {
      remoteAddress = remote.toString();
      transport = via.label();
      commit();
    }
  }
}
