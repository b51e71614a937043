package dev.halley.server.connection;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.meter.Via;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Which connection a stream gets, and what becomes of its bytes when it gets another. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "Only Linux has epoll")
class StreamConnectionsTest {
  private static final int MOST_PENDING = 64 << 10;

  private final BlockingQueue<InetSocketAddress> left = new LinkedBlockingQueue<>();
  private final BlockingQueue<Stream> streams = new LinkedBlockingQueue<>();
  private final List<Socket> clients = new ArrayList<>();
  private final StreamConnections connections =
      new StreamConnections(PooledByteBufAllocator.DEFAULT, MOST_PENDING, left::add);
  private EventLoopGroup loops;

  @BeforeEach
  void start() {
    Epoll.ensureAvailability();
    loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  }

  @AfterEach
  void stop() throws IOException {
    for (Socket client : clients) {
      client.close();
    }
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    connections.close();
  }

  @Test
  void aBareSocketLeavesItsChannel() throws Exception {
    Socket client = connect(listen(new Opening()));
    Stream stream = moved();
    assertThat(onLoop(stream::connection)).isInstanceOf(EpollConnection.class);
    assertThat(stream.channel.isRegistered()).isFalse();

    client.getOutputStream().write("hello".getBytes(US_ASCII));
    assertThat(stream.events.take()).isEqualTo("read hello");
    assertThat(client.getInputStream().readNBytes(5)).asString(US_ASCII).isEqualTo("hello");
    client.close();
    assertThat(stream.events.take()).isEqualTo("closed");
    assertThat(left.take().getPort()).isEqualTo(client.getLocalPort());
  }

  @Test
  void aPipelineWithAnotherHandlerStaysWhatItIs() throws Exception {
    Opening opening = new Opening();
    opening.prepare = pipeline -> pipeline.addFirst(new ChannelInboundHandlerAdapter());
    Socket client = connect(listen(opening));
    Stream stream = streams.take();
    assertThat(stream.events.take()).isEqualTo("open");
    client.getOutputStream().write("hello".getBytes(US_ASCII));
    assertThat(stream.events.take()).isEqualTo("read hello");
    assertThat(client.getInputStream().readNBytes(5)).asString(US_ASCII).isEqualTo("hello");
    assertThat(onLoop(stream::connection)).isInstanceOf(PipelineConnection.class);
    assertThat(stream.channel.isRegistered()).isTrue();
  }

  @Test
  void whatIsWrittenBeforeAndAfterTheMoveArrivesInOrder() throws Exception {
    int messages = 2_000;
    Opening opening = new Opening();
    opening.atOpen = stream -> stream.write("0 ");
    Socket client = connect(listen(opening));
    Stream stream = streams.take();
    for (int i = 1; i < messages; i++) {
      String text = i + " ";
      onLoop(() -> stream.write(text));
    }
    StringBuilder expected = new StringBuilder();
    for (int i = 0; i < messages; i++) {
      expected.append(i).append(' ');
    }
    byte[] received = client.getInputStream().readNBytes(expected.length());
    assertThat(received).asString(US_ASCII).isEqualTo(expected.toString());
    assertThat(onLoop(() -> stream.connection().writtenBytes())).isEqualTo(expected.length());
  }

  @Test
  void oneThatIsBusyAtOnceKeepsItsChannelAndLosesNothing() throws Exception {
    byte[] much = new byte[20 << 20];
    Opening opening = new Opening();
    // More than any socket takes, at the moment at which the socket is to be taken out.
    opening.atUnregistered = stream -> stream.write(much);
    Socket client = connect(listen(opening));
    assertThat(client.getInputStream().readNBytes(much.length)).isEqualTo(much);
    Stream stream = streams.take();
    assertThat(onLoop(stream::connection)).isInstanceOf(PipelineConnection.class);
    client.getOutputStream().write("hello".getBytes(US_ASCII));
    assertThat(client.getInputStream().readNBytes(5)).asString(US_ASCII).isEqualTo("hello");
  }

  @Test
  void aPeerThatResetsItsConnectionTakesNoOtherWithIt() throws Exception {
    InetSocketAddress address = listen(new Opening());
    Socket resetting = connect(address);
    Stream first = moved();
    Socket staying = connect(address);
    Stream second = moved();
    CountDownLatch busy = occupyLoop();
    // Both are there to be read in one turn of the loop; the answer to the first can't be sent.
    resetting.getOutputStream().write("lost".getBytes(US_ASCII));
    resetting.setSoLinger(true, 0);
    resetting.close();
    staying.getOutputStream().write("hello".getBytes(US_ASCII));
    busy.countDown();

    assertThat(staying.getInputStream().readNBytes(5)).asString(US_ASCII).isEqualTo("hello");
    assertThat(second.events.take()).isEqualTo("read hello");
    assertThat(first.events).isNotEmpty();
    assertThat(onLoop(() -> second.connection().isWritable())).isTrue();
  }

  @Test
  void aSocketThatHasBeenResetIsNotPutBack() throws Exception {
    Socket client = connect(listen(new Opening()));
    int port = client.getLocalPort();
    Stream stream = moved();
    BlockingQueue<Boolean> putBack = new LinkedBlockingQueue<>();
    Stream late = new Stream(stream.channel, opened -> opened.write("never seen"));
    stream.atRead =
        () -> {
          putBack.add(connections.putBack(stream.connection()).isPresent());
          StreamConnections.openGone(stream.connection(), late);
        };
    CountDownLatch busy = occupyLoop();
    // Both are there when it is read.
    client.getOutputStream().write("hello".getBytes(US_ASCII));
    client.setSoLinger(true, 0);
    client.close();
    busy.countDown();

    assertThat(putBack.poll(20, TimeUnit.SECONDS)).isFalse();
    assertThat(left.take().getPort()).isEqualTo(port);
    assertThat(onLoop(left::isEmpty)).isTrue();
    assertThat(late.events.take()).isEqualTo("open");
    assertThat(late.events.take()).isEqualTo("closed");
  }

  @Test
  void aSocketThatIsPutBackHasAChannelAgain() throws Exception {
    Socket client = connect(listen(new Opening()));
    Stream stream = moved();
    Channel channel = onLoop(() -> connections.putBack(stream.connection())).orElseThrow();
    ByteBuf hello = Unpooled.copiedBuffer("hello", US_ASCII);
    channel.writeAndFlush(hello).sync();
    assertThat(client.getInputStream().readNBytes(5)).asString(US_ASCII).isEqualTo("hello");
    client.close();
    assertThat(left.take().getPort()).isEqualTo(client.getLocalPort());
    assertThat(stream.events).isEmpty();
  }

  @Test
  void whatIsAnsweredInOneTurnIsSentTogetherButForNotTooMany() throws Exception {
    InetSocketAddress address = listen(new Opening());
    List<Stream> moved = new ArrayList<>();
    BlockingQueue<Long> waiting = new LinkedBlockingQueue<>();
    for (int i = 0; i < 40; i++) {
      connect(address);
      moved.add(moved());
    }
    moved.forEach(
        stream ->
            stream.atRead =
                () ->
                    waiting.add(
                        moved.stream().filter(it -> it.connection().pendingBytes() > 0).count()));
    CountDownLatch busy = occupyLoop();
    for (Socket client : clients) {
      client.getOutputStream().write("hello".getBytes(US_ASCII));
    }
    busy.countDown();

    for (Socket client : clients) {
      assertThat(client.getInputStream().readNBytes(5)).asString(US_ASCII).isEqualTo("hello");
    }
    assertThat(waiting).hasSize(40);
    assertThat(Collections.max(waiting)).isBetween(8L, 32L);
  }

  @Test
  void oneWhoseAnswersAreMoreThanMayWaitDoesNotWait() throws Exception {
    InetSocketAddress address = listen(new Opening());
    connect(address);
    Stream first = moved();
    connect(address);
    Stream second = moved();
    first.atRead = () -> first.connection().write(Unpooled.directBuffer().writeZero(MOST_PENDING));
    BlockingQueue<Boolean> writable = new LinkedBlockingQueue<>();
    second.atRead = () -> writable.add(first.connection().isWritable());
    CountDownLatch busy = occupyLoop();
    for (Socket client : clients) {
      client.getOutputStream().write("hello".getBytes(US_ASCII));
    }
    busy.countDown();

    assertThat(writable.poll(20, TimeUnit.SECONDS)).isTrue();
    int answered = MOST_PENDING + "hello".length();
    assertThat(clients.getFirst().getInputStream().readNBytes(answered)).hasSize(answered);
  }

  @Test
  void whatIsReadInOneTurnMayBeMoreThanTheBufferHasRoomFor() throws Exception {
    InetSocketAddress address = listen(new Opening());
    for (int i = 0; i < 7; i++) {
      connect(address);
      moved();
    }
    CountDownLatch busy = occupyLoop();
    for (Socket client : clients) {
      client.getOutputStream().write(textOf(client));
    }
    busy.countDown();

    for (Socket client : clients) {
      assertThat(client.getInputStream().readNBytes(EpollLoop.READ_SIZE)).isEqualTo(textOf(client));
    }
  }

  @Test
  void whatIsReadTogetherWithTheEndIsAnswered() throws Exception {
    Socket client = connect(listen(new Opening()));
    moved();
    CountDownLatch busy = occupyLoop();
    client.getOutputStream().write(textOf(client));
    client.shutdownOutput();
    busy.countDown();

    assertThat(client.getInputStream().readAllBytes()).isEqualTo(textOf(client));
  }

  /** As much as one read takes, and of no other client. */
  private static byte[] textOf(Socket client) {
    byte[] text = new byte[EpollLoop.READ_SIZE];
    new Random(client.getLocalPort()).nextBytes(text);
    return text;
  }

  private InetSocketAddress listen(Opening opening) throws Exception {
    return (InetSocketAddress)
        new ServerBootstrap()
            .group(loops)
            .channel(EpollServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(opening.forOne());
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .sync()
            .channel()
            .localAddress();
  }

  private Socket connect(InetSocketAddress address) throws IOException {
    Socket client = new Socket(address.getAddress(), address.getPort());
    client.setSoTimeout(20_000);
    clients.add(client);
    return client;
  }

  /** The next stream, when it has a connection of its own. */
  private Stream moved() throws InterruptedException {
    Stream stream = streams.take();
    assertThat(stream.events.take()).isEqualTo("open");
    assertThat(stream.events.take()).isEqualTo("moved");
    return stream;
  }

  private <T> T onLoop(Callable<T> task) throws Exception {
    return loops.next().submit(task).get(20, TimeUnit.SECONDS);
  }

  /** From here on the loop does nothing, until what is returned is counted down. */
  private CountDownLatch occupyLoop() {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    loops
        .next()
        .execute(
            () -> {
              begun.countDown();
              await(end);
            });
    await(begun);
    return end;
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Opens a stream as HTTP does: in its own place, which it then leaves. */
  private class Opening {
    private Consumer<ChannelPipeline> prepare = pipeline -> {};
    private Consumer<Stream> atOpen = stream -> {};
    private Consumer<Stream> atUnregistered = stream -> {};

    ChannelInboundHandlerAdapter forOne() {
      return new ChannelInboundHandlerAdapter() {
        @Override
        public void channelActive(ChannelHandlerContext ctx) {
          prepare.accept(ctx.pipeline());
          Stream stream = new Stream(ctx.channel(), atOpen);
          PipelineConnection connection = connections.open(ctx.pipeline(), stream);
          ctx.pipeline().remove(this);
          connections.settle(connection);
          streams.add(stream);
          // After what settling has scheduled: the channel is unregistered by then, or about to be.
          connection.whenFlushed(() -> atUnregistered.accept(stream));
        }
      };
    }
  }

  /** Tells what happens to it, and answers what it reads. */
  private static final class Stream extends StreamHandler {
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private final Channel channel;
    private final Consumer<Stream> atOpen;
    private volatile Runnable atRead = () -> {};

    Stream(Channel channel, Consumer<Stream> atOpen) {
      this.channel = channel;
      this.atOpen = atOpen;
    }

    boolean write(String text) {
      return write(text.getBytes(US_ASCII));
    }

    boolean write(byte[] bytes) {
      ByteBuf buffer = connection().allocator().directBuffer(bytes.length).writeBytes(bytes);
      connection().writeAndFlush(buffer);
      return true;
    }

    @Override
    public Via via() {
      return Via.ECHO;
    }

    @Override
    protected void onOpen() {
      events.add("open");
      atOpen.accept(this);
    }

    @Override
    protected void onMoved() {
      events.add("moved");
    }

    @Override
    protected void onRead(ByteBuf bytes) {
      events.add("read " + new String(ByteBufUtil.getBytes(bytes), US_ASCII));
      connection().write(bytes.retainedSlice());
      atRead.run();
    }

    @Override
    protected void onWritabilityChanged(boolean writable) {}

    @Override
    protected void onFailure(Throwable cause) {
      events.add("failed");
    }

    @Override
    protected void onClosed() {
      events.add("closed");
    }
  }
}
