package dev.halley.loadgen;

import java.io.IOException;
import java.util.function.Consumer;

/** One kind of measurement. */
public sealed interface Load
    permits ChannelsLoad, EchoLoad, FanoutLoad, IdleLoad, ResumeLoad, StallLoad {
  /**
   * Measures; takes as long as it was told to, and some seconds to prepare.
   *
   * @param loop a loop without connections, which is left with some
   * @param progress is told in words how far it is, about once a second
   * @throws IOException if this machine has no more sockets
   */
  LoadResult run(LoadLoop loop, ServerProbe server, Consumer<String> progress) throws IOException;

  /** The path on which one hears what is published on one of Halley's channels from now on. */
  static String live(String channel) {
    return "/channels/" + channel + "?since=latest";
  }
}
