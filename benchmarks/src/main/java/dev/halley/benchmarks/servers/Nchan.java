package dev.halley.benchmarks.servers;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.halley.benchmarks.peers.Paths;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Debian's nginx with the nchan module, one worker. It has no echo.
 *
 * @param nginx the program
 * @param module the module's file
 */
record Nchan(Path nginx, Path module) {
  /** The one that is installed, if it is. */
  static Optional<Nchan> find() {
    Optional<Path> nginx =
        Stream.of("/usr/sbin/nginx", "/usr/local/sbin/nginx")
            .map(Path::of)
            .filter(Files::isExecutable)
            .findFirst();
    Optional<Path> module =
        Stream.of("/usr/lib/nginx/modules", "/usr/lib64/nginx/modules")
            .map(directory -> Path.of(directory, "ngx_nchan_module.so"))
            .filter(Files::exists)
            .findFirst();
    return nginx.flatMap(program -> module.map(file -> new Nchan(program, file)));
  }

  /** Its worker may be somebody else, who must be able to reach the directory. */
  Contestant contestant(Path work) {
    Contestant.Command command =
        port -> {
          Path configuration = work.resolve("nginx.conf");
          Files.writeString(configuration, text(work.toAbsolutePath(), port), UTF_8);
          return List.of(nginx.toString(), "-c", configuration.toString());
        };
    return new Contestant("nchan", command, Optional.empty(), name -> Paths.BROADCAST + "/" + name);
  }

  private String text(Path directory, int port) {
    return """
        load_module %1$s;
        daemon off;
        worker_processes 1;
        pid %2$s/nginx.pid;
        error_log %2$s/error.log crit;
        events {
          worker_connections 16000;
        }
        http {
          access_log off;
          client_body_temp_path %2$s/body;
          proxy_temp_path %2$s/proxy;
          fastcgi_temp_path %2$s/fastcgi;
          uwsgi_temp_path %2$s/uwsgi;
          scgi_temp_path %2$s/scgi;
          nchan_shared_memory_size 128M;
          server {
            listen 127.0.0.1:%3$d backlog=4096;
            location ~ ^%4$s/(.+)$ {
              nchan_pubsub websocket;
              nchan_channel_id $1;
              nchan_message_buffer_length 100;
              nchan_message_timeout 1m;
              nchan_subscriber_first_message newest;
            }
          }
        }
        """
        .formatted(module, directory, port, Paths.BROADCAST);
  }
}
