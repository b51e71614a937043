package dev.halley.websocket.guide;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The pages of the guide work, and stand in it as they are here. */
@Timeout(60)
class GuideTest {
  private static final Path GUIDE = Path.of("README.md");
  private static final Path PAGES = Path.of("src/test/java/dev/halley/websocket/guide");

  private static void talks(InetSocketAddress address) throws Exception {
    List<String> sent = List.of("hello", "世界".repeat(10_000), "", "x".repeat(60_000));
    List<String> received = new ArrayList<>();
    try (NioClient client = new NioClient(address, "/echo")) {
      for (String text : sent) {
        client.send(text);
      }
      try {
        client.receive(
            text -> {
              received.add(text);
              if (received.size() == sent.size()) {
                throw new AllThereException();
              }
            });
      } catch (AllThereException e) {
        assertThat(received).isEqualTo(sent);
      }
    }
    assertThat(received).hasSameSizeAs(sent);
  }

  private static final class AllThereException extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  @Test
  void aServerOnABlockingSocket() throws Exception {
    try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CompletableFuture<Void> served =
          CompletableFuture.runAsync(
              () -> {
                try (Socket socket = listener.accept()) {
                  new SocketEcho(socket).run();
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      talks((InetSocketAddress) listener.getLocalSocketAddress());
      served.handle((done, cause) -> null).join();
    }
  }

  @Test
  void aServerInNettysPipeline() throws Exception {
    EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    try {
      Channel listener =
          new ServerBootstrap()
              .group(loops)
              .channel(NioServerSocketChannel.class)
              .childHandler(new NettyEcho())
              .bind(InetAddress.getLoopbackAddress(), 0)
              .sync()
              .channel();
      talks((InetSocketAddress) listener.localAddress());
    } finally {
      loops.shutdownGracefully().sync();
    }
  }

  @Test
  void thePagesStandInTheGuideAsTheyAreHere() throws IOException {
    String guide = Files.readString(GUIDE);
    Matcher blocks =
        Pattern.compile("<!-- (\\w+) -->\n```java\n(.*?)```", Pattern.DOTALL).matcher(guide);
    List<String> pages = new ArrayList<>();
    while (blocks.find()) {
      String source = Files.readString(PAGES.resolve(blocks.group(1) + ".java"));
      assertThat(blocks.group(2)).isEqualTo(source);
      pages.add(blocks.group(1));
    }
    assertThat(pages).containsExactly("SocketEcho", "NioClient", "NettyEcho");
  }
}
