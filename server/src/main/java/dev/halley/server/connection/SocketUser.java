package dev.halley.server.connection;

import java.util.Optional;

/** What uses a channel's socket, and may go on without the channel. Used on its event loop. */
public interface SocketUser {
  /**
   * Asked when the channel is out of the loop: what goes on with its socket, in whose place this
   * does nothing any more; none if the channel is to stay after all.
   */
  Optional<StreamHandler> leaveChannel();

  /** The bytes that were written to the peer so far. */
  long writtenBytes();

  /** The channel has closed; may have been told before. */
  void onChannelClosed();
}
