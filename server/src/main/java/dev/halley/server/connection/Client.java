package dev.halley.server.connection;

import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Whose connection or request it is.
 *
 * @param address its own; where a proxy didn't tell the port, that is 0
 * @param isForwarded whether a trusted proxy speaks for it
 * @param isSecure whether it came encrypted to the proxy, as that says
 */
public record Client(InetSocketAddress address, boolean isForwarded, Optional<Boolean> isSecure) {
  private static final AttributeKey<Client> FORWARDED = AttributeKey.valueOf("halley.client");

  /** Whoever is at the other end of a connection, or whom a proxy there has announced. */
  public static Client of(Channel channel) {
    Channel socket = channel instanceof Http2StreamChannel stream ? stream.parent() : channel;
    return socket.hasAttr(FORWARDED)
        ? socket.attr(FORWARDED).get()
        : atTheOtherEnd((InetSocketAddress) socket.remoteAddress());
  }

  /** Whether a proxy has announced whose a connection is. */
  public static boolean isAnnouncedOn(Channel socket) {
    return socket.hasAttr(FORWARDED);
  }

  /** Nobody speaks for it. */
  public static Client atTheOtherEnd(InetSocketAddress address) {
    return new Client(address, false, Optional.empty());
  }

  /** From here on all of the connection is this client's. */
  public void announceOn(Channel socket) {
    socket.attr(FORWARDED).set(this);
  }
}
