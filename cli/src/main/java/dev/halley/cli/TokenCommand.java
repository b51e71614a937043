package dev.halley.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.halley.server.ChannelPolicy;
import dev.halley.server.TokenConfig;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;
import tools.jackson.core.io.JsonStringEncoder;

/** {@code halley token}: makes a JSON Web Token (HS256) for trying out. */
final class TokenCommand implements Command {
  private static final String SECRET = "--secret";
  private static final String SUBJECT = "--sub";
  private static final String EXPIRY = "--exp";
  private static final String SUBSCRIBE = "--subscribe";
  private static final String PUBLISH = "--publish";
  private static final String HEADER = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
  private static final String HMAC = "HmacSHA256";

  private final Map<String, String> environment;
  private final Terminal terminal;
  private final InstantSource clock;

  TokenCommand(Map<String, String> environment, Terminal terminal, InstantSource clock) {
    this.environment = environment;
    this.terminal = terminal;
    this.clock = clock;
  }

  @Override
  public CommandSpec spec() {
    CommandSpec spec = CommandSpec.create().name("token");
    spec.usageMessage()
        .description("Make a token for trying out, signed with the server's jwt.secret.")
        .footer(
            "",
            "halley subscribe chat --token $(halley token --subscribe chat)",
            "In production your application makes them: see docs/access.md.");
    spec.addOption(
        ClientFlags.text(
            SECRET, "TEXT", "The secret; better set HALLEY_JWT_SECRET, or jwt.secret in the file"));
    spec.addOption(
        ClientFlags.text(ServeFlags.CONFIG, "FILE", "The server's YAML file, for its jwt.secret."));
    spec.addOption(ClientFlags.text(SUBJECT, "TEXT", "Whose it is"));
    spec.addOption(ClientFlags.text(EXPIRY, "DURATION", "How long it is good [1h]"));
    spec.addOption(
        ClientFlags.text(
            SUBSCRIBE, "CHANNEL[,CHANNEL…]", "Where one may listen: room.42, room.*, or *"));
    return spec.addOption(
        ClientFlags.text(PUBLISH, "CHANNEL[,CHANNEL…]", "Where one may publish, in the same way"));
  }

  @Override
  public int run(ParseResult arguments) {
    List<String> subscribe = patterns(arguments, SUBSCRIBE);
    List<String> publish = patterns(arguments, PUBLISH);
    if (subscribe.isEmpty() && publish.isEmpty()) {
      throw CommandException.usage(
          "say what it allows: --subscribe CHANNEL, --publish CHANNEL, or both");
    }
    Duration life = ClientFlags.value(arguments, EXPIRY, ValueType.DURATIONS, "1h");
    String claims =
        "{"
            + ClientFlags.given(arguments, SUBJECT)
                .map(it -> "\"sub\":" + quoted(it) + ",")
                .orElse("")
            + "\"exp\":"
            + clock.instant().plus(life).getEpochSecond()
            + ",\"channels\":{\"subscribe\":"
            + array(subscribe)
            + ",\"publish\":"
            + array(publish)
            + "}}";
    terminal.out().println(signed(claims, secret(arguments)));
    terminal.out().flush();
    return 0;
  }

  private static List<String> patterns(ParseResult arguments, String flag) {
    List<String> patterns = ClientFlags.value(arguments, flag, ValueType.LIST, "");
    for (String pattern : patterns) {
      try {
        ChannelPolicy.of(pattern);
      } catch (IllegalArgumentException e) {
        throw CommandException.usage(flag + ": \"" + pattern + "\": " + e.getMessage());
      }
    }
    return patterns;
  }

  private byte[] secret(ParseResult arguments) {
    Optional<String> secret =
        ClientFlags.given(arguments, SECRET)
            .or(
                () ->
                    ConfigurationReader.read(
                            Map.of(), environment, ClientFlags.given(arguments, ServeFlags.CONFIG))
                        .get(Settings.JWT_SECRET));
    if (secret.isEmpty()) {
      throw CommandException.usage(
          "there is no secret to sign with: set HALLEY_JWT_SECRET, or name the server's file with"
              + " --config");
    }
    try {
      return new TokenConfig.Keys.Secret(secret.get()).text().getBytes(UTF_8);
    } catch (IllegalArgumentException e) {
      throw CommandException.usage(String.valueOf(e.getMessage()));
    }
  }

  private static String signed(String claims, byte[] secret) {
    String input = encode(HEADER.getBytes(UTF_8)) + "." + encode(claims.getBytes(UTF_8));
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(new SecretKeySpec(secret, HMAC));
      return input + "." + encode(mac.doFinal(input.getBytes(UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("each JDK has it", e);
    }
  }

  private static String encode(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static String array(List<String> texts) {
    return texts.stream().map(TokenCommand::quoted).collect(Collectors.joining(",", "[", "]"));
  }

  private static String quoted(String text) {
    return '"' + new String(JsonStringEncoder.getInstance().quoteAsCharArray(text)) + '"';
  }
}
