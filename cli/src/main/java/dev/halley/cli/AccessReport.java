package dev.halley.cli;

import dev.halley.server.ChannelPolicies;
import dev.halley.server.ChannelRules;
import dev.halley.server.HooksConfig;
import dev.halley.server.Permission;
import dev.halley.server.ServerConfig;
import dev.halley.server.Tls;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What a configuration permits, in sentences for the operator. */
final class AccessReport {
  private final ServerConfig config;
  private final List<ChannelRules> rules;

  AccessReport(ServerConfig config) {
    this.config = config;
    this.rules = ChannelPolicies.of(config).all();
  }

  /** What is less safe than it may seem, each in one line. */
  List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    boolean keyless = config.access().apiKey().isEmpty();
    config.hooks().ifPresent(it -> warnings.addAll(hookWarnings(it)));
    if (keyless && config.tokens().isEmpty() && config.hooks().isEmpty()) {
      warnings.add(
          "no API key is set: anybody who can reach this port may publish. "
              + "Set one with HALLEY_API_KEY or api-key in the --config file.");
    } else {
      String open = patterns(ChannelRules::publish);
      if (!open.isEmpty()) {
        warnings.add("a policy lets anybody who can reach this port publish on " + open + ".");
      }
      if (config.tls() instanceof Tls.Off && !isLoopback(config.network().host())) {
        warnings.add(
            "there is no TLS: keys and tokens can be read on their way. "
                + "Set tls.cert and tls.key, unless a proxy before this server has them.");
      }
    }
    if (config.access().allowedOrigins().containsAll(Configuration.PAGES_OF_THIS_MACHINE)) {
      warnings.add(
          "pages of this machine may use this server, whatever their port (dev): "
              + "for developing only.");
    }
    if (config.tokens().isEmpty()
        && config.hooks().isEmpty()
        && ChannelPolicies.of(config).hasPresence()) {
      warnings.add(
          "a policy wants presence, but without tokens and web hooks nobody has a name: "
              + "who listens is only counted.");
    }
    return warnings;
  }

  private static List<String> hookWarnings(HooksConfig hooks) {
    List<String> warnings = new ArrayList<>();
    if (hooks.isReadable()) {
      warnings.add(
          "hooks.url is http of another machine: who is between can read cookies and say yes to "
              + "anything. Use https.");
    }
    if (hooks.secret().isEmpty()) {
      warnings.add(
          "hooks.secret isn't set: the application can't tell whether it is this server that asks.");
    }
    return warnings;
  }

  private String patterns(Function<ChannelRules, Permission> needed) {
    return rules.stream()
        .filter(it -> needed.apply(it) == Permission.ANYONE)
        .map(ChannelRules::pattern)
        .collect(Collectors.joining(", "));
  }

  /** Only addresses and the name of this machine: to ask for others takes time. */
  static boolean isLoopback(String host) {
    try {
      return host.equals("localhost")
          || (host.matches("[0-9.]+|.*:.*") && InetAddress.getByName(host).isLoopbackAddress());
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** Who may do what on the channels that no policy is for. */
  String summary() {
    ChannelRules last = rules.getLast();
    String where = rules.size() > 1 ? ", where no policy says otherwise" : "";
    return "listening needs "
        + needed(last.subscribe())
        + ", publishing needs "
        + needed(last.publish())
        + where;
  }

  static String needed(Permission permission) {
    return switch (permission) {
      case ANYONE -> "nothing";
      case HOOK -> "the application's yes";
      case TOKEN -> "a token";
      case KEY -> "the API key";
    };
  }
}
