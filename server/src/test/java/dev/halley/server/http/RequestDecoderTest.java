package dev.halley.server.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestDecoderTest {
  private static final String POLL =
      "GET /channels/a HTTP/1.1\r\nHost: a\r\nPrefer: wait=30\r\n\r\n";

  private final RecentHeads recent = new RecentHeads();
  private final EmbeddedChannel channel = connect();

  private EmbeddedChannel connect() {
    return new EmbeddedChannel(new RequestDecoder(new HttpDecoderConfig(), recent));
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  /** What comes of one read: the requests, and the bodies' parts as text. */
  private static List<Object> read(EmbeddedChannel channel, String bytes) {
    channel.writeInbound(Unpooled.copiedBuffer(bytes, US_ASCII));
    List<Object> all = new ArrayList<>();
    for (Object message; (message = channel.readInbound()) != null; ) {
      if (message instanceof HttpRequest) {
        all.add(message);
      }
      if (message instanceof HttpContent content) {
        if (content.content().isReadable()) {
          all.add(content.content().toString(US_ASCII));
        }
        all.add(message instanceof LastHttpContent ? "end" : "more");
        content.release();
      }
    }
    return all;
  }

  private List<Object> read(String bytes) {
    return read(channel, bytes);
  }

  private void learn(String request) {
    read(request);
    read(request);
  }

  @Test
  void whatComesAgainIsNotTakenApartAgainOnNoConnectionOfTheLoop() {
    learn(POLL);
    HttpRequest known = (HttpRequest) read(POLL).getFirst();
    assertThat(read(POLL)).containsExactly(known, "end").first().isSameAs(known);
    EmbeddedChannel other = connect();
    assertThat(read(other, POLL)).first().isSameAs(known);
    assertThat(other.finishAndReleaseAll()).isFalse();
    assertThat(known.uri()).isEqualTo("/channels/a");
    assertThat(known.headers().get("Prefer")).isEqualTo("wait=30");
    ByteBuf bytes = Unpooled.copiedBuffer(POLL, US_ASCII);
    channel.writeInbound(bytes);
    assertThat(bytes.refCnt()).isZero();
  }

  @Test
  void whatDiffersInOneByteIsAnotherRequest() {
    learn(POLL);
    HttpRequest other = (HttpRequest) read(POLL.replace("/a ", "/b ")).getFirst();
    assertThat(other.uri()).isEqualTo("/channels/b");
  }

  @Test
  void aBodyThatLooksLikeAKnownRequestIsABody() {
    learn(POLL);
    String head =
        "POST /channels/a HTTP/1.1\r\nHost: a\r\nContent-Length: " + POLL.length() + "\r\n\r\n";
    assertThat(read(head)).hasSize(1);
    assertThat(read(POLL)).containsExactly(POLL, "end");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /channels/b?x=",
        "GET /channels/b HTTP/1.1\r\n",
        "GET /channels/b HTTP/1.1\r\nHost: a\r\nX: "
      })
  void whatContinuesAHeadIsPartOfIt(String begin) {
    learn(POLL);
    assertThat(read(begin)).isEmpty();
    assertThat(read(POLL).getFirst())
        .isInstanceOfSatisfying(
            HttpRequest.class, it -> assertThat(it.uri()).doesNotContain("channels/a"));
  }

  @Test
  void whatFollowsTheLastRequestOfADecoderIsNotPartOfIt() {
    for (int i = 0; i < 2; i++) {
      EmbeddedChannel once = connect();
      once.pipeline()
          .addLast(
              new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext ctx, Object message) {
                  ReferenceCountUtil.release(message);
                  if (message instanceof LastHttpContent && ctx.pipeline().first() != this) {
                    ctx.pipeline().removeFirst();
                  }
                }
              });
      once.writeInbound(Unpooled.copiedBuffer(POLL + "behind\r\n\r\n", US_ASCII));
      once.finishAndReleaseAll();
    }
    assertThat(read(POLL + "behind\r\n\r\n")).noneMatch(RecentRequest.class::isInstance);
  }

  @Test
  void twoRequestsInOneReadAreTwo() {
    for (int i = 0; i < 3; i++) {
      assertThat(read(POLL + POLL)).hasSize(4);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /a HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer x\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: a\r\nCookie: token=x\r\n\r\n",
        "GET /a?t%6fken=x HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a?%zz HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        "GET /a FTP/1.1\r\nHost: a\r\n\r\n"
      })
  void secretsBodiesAndFaultsArentKept(String request) {
    for (int i = 0; i < 4; i++) {
      EmbeddedChannel once = connect();
      assertThat(read(once, request)).noneMatch(RecentRequest.class::isInstance);
      once.finishAndReleaseAll();
    }
  }

  @Test
  void longRequestsArentKept() {
    String request = POLL.replace("Prefer", "X: " + "x".repeat(RecentHeads.LONGEST) + "\r\nPrefer");
    learn(request);
    assertThat(read(request)).noneMatch(RecentRequest.class::isInstance);
  }

  @Test
  void whereNoMoreIsToBeReadNothingIsTakenFromWhatIsKnown() {
    learn(POLL);
    channel.config().setAutoRead(false);
    assertThat(read(POLL)).noneMatch(RecentRequest.class::isInstance);
  }
}
