package dev.halley.server.hook;

import dev.halley.server.access.AskedCaller;
import dev.halley.server.access.Caller;
import dev.halley.server.access.RefusedException;
import java.util.List;

/** A connection whose permission ends soon. Called on its event loop. */
public interface Renewal {
  /** Whether it is still there; if not, nothing else is called. */
  boolean isThere();

  /** Who is at the other end now. */
  Caller caller();

  /** What it listens to now. */
  List<String> channels();

  /** All of it is allowed for longer. */
  void renewed(AskedCaller renewed);

  /** It isn't, so it will end. */
  void refused(RefusedException why);
}
