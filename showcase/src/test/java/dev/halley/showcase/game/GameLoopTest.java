package dev.halley.showcase.game;

import static org.assertj.core.api.Assertions.assertThat;

import dev.halley.server.app.WebSocketSession;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class GameLoopTest {
  private static final long PATIENCE_SECONDS = 30;

  private final GameRoom room =
      new GameRoom(Arena.standard(), new Random(2), InstantSource.system(), System::nanoTime);

  private GameSocket join(WebSocketSession session, GameLoop loop) {
    GameSocket socket = new GameSocket("Ada", session, room, System::nanoTime);
    assertThat(room.enter(socket)).isTrue();
    loop.wake();
    return socket;
  }

  @Test
  void thereAreStepsWhileAnybodyIsThereAndAgainForTheNext() throws Exception {
    try (GameLoop loop = GameLoop.start(room)) {
      Session first = new Session(false);
      GameSocket socket = join(first, loop);
      long step = first.nextState().step();
      assertThat(first.nextState().step()).isEqualTo(step + 1);
      assertThat(first.nextState().step()).isEqualTo(step + 2);
      socket.onClose(1001, "");
      Session second = new Session(false);
      join(second, loop);
      assertThat(second.nextState().step()).isGreaterThan(step + 2);
    }
  }

  @Test
  void aStepThatFailsEndsConnectionsAndNotTheGame() throws Exception {
    try (GameLoop loop = GameLoop.start(room)) {
      Session failing = new Session(true);
      join(failing, loop);
      assertThat(failing.closed.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(1011);
      Session next = new Session(false);
      join(next, loop);
      assertThat(next.nextState().health()).isEqualTo(100);
    }
  }

  /** A connection that another thread looks at. */
  private static final class Session implements WebSocketSession {
    private final BlockingQueue<ByteBuffer> sent = new LinkedBlockingQueue<>();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final boolean failing;

    Session(boolean failing) {
      this.failing = failing;
    }

    SeenState nextState() throws InterruptedException {
      while (true) {
        ByteBuffer frame = sent.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(frame).as("a frame").isNotNull();
        if (frame.get(0) == StateEncoder.KIND) {
          return SeenState.of(frame);
        }
      }
    }

    @Override
    public boolean sendText(String text) {
      return false;
    }

    @Override
    public boolean sendBinary(ByteBuffer data) {
      if (failing) {
        throw new IllegalStateException("on purpose");
      }
      return sent.add(data.duplicate());
    }

    @Override
    public void close(int code, String reason) {
      closed.complete(code);
    }

    @Override
    public boolean isWritable() {
      return true;
    }

    @Override
    public InetSocketAddress remoteAddress() {
      return new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    }
  }
}
