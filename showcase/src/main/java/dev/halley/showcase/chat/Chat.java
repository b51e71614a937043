package dev.halley.showcase.chat;

import dev.halley.broker.Broker;
import dev.halley.server.app.Application;
import dev.halley.server.app.Request;
import dev.halley.server.app.RequestRefusedException;
import dev.halley.server.app.Response;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.function.BooleanSupplier;

/**
 * The chat: what is said goes from the pages straight to the rooms' channels and from there to the
 * pages. Here is only what needs a server's view: who is in which room, and the server's restart.
 */
public final class Chat {
  private static final Logger LOGGER = System.getLogger(Chat.class.getName());

  private final ChatRooms rooms;
  private final boolean kept;
  private final BooleanSupplier restart;

  /**
   * A chat.
   *
   * @param kept whether what is said outlives the process
   * @param restart begins a restart of the server; false if none can begin now
   */
  public Chat(Broker broker, InstantSource clock, boolean kept, BooleanSupplier restart) {
    this.rooms = new ChatRooms(broker, new Leases(Leases.Limits.defaults(), clock));
    this.kept = kept;
    this.restart = restart;
  }

  /** Adds its routes. */
  public void addRoutes(Application.Builder routes) {
    routes
        .post("/chat/rooms/{room}/people", this::enter)
        .post("/chat/leave", this::leave)
        .post("/chat/restart", this::restart);
  }

  private Response enter(Request request) {
    String room = request.variable("room");
    if (!Names.isRoom(room)) {
      throw new RequestRefusedException(400, "A room's name is 1 to 24 of a-z 0-9 -");
    }
    String name =
        request
            .query("name")
            .flatMap(Names::person)
            .orElseThrow(
                () ->
                    new RequestRefusedException(
                        400, "A name is 1 to " + Names.MAX_CODE_POINTS + " visible characters"));
    try {
      return Response.json(ChatJson.presence(name, rooms.enter(room, name, tab(request)), kept));
    } catch (ChatRooms.FullException e) {
      throw new RequestRefusedException(503, String.valueOf(e.getMessage()));
    }
  }

  private Response leave(Request request) {
    rooms.leave(tab(request));
    return Response.status(204);
  }

  /** Only for the page's own button: other sites' pages and links can't send this. */
  private Response restart(Request request) {
    String origin = request.header("Origin").orElse("");
    String host = request.header("Host").orElse("");
    if (host.isEmpty() || !origin.endsWith("://" + host)) {
      throw new RequestRefusedException(403, "Only this server's own page restarts it");
    }
    if (!restart.getAsBoolean()) {
      throw new RequestRefusedException(409, "A restart is under way already");
    }
    return Response.status(202);
  }

  private static String tab(Request request) {
    return request
        .query("tab")
        .filter(Names::isTab)
        .orElseThrow(() -> new RequestRefusedException(400, "A tab is 8 to 64 of A-Z a-z 0-9 -"));
  }

  /** Lets those go who have not been heard of. To be called about once a second. */
  public void expire() {
    try {
      rooms.expire();
    } catch (RuntimeException e) {
      LOGGER.log(Level.WARNING, "nobody could be told who left the chat", e);
    }
  }
}
