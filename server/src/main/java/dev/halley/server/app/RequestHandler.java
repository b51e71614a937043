package dev.halley.server.app;

/** Answers the requests of a path. */
@FunctionalInterface
public interface RequestHandler {
  /**
   * Answers a request. Called on a virtual thread of its own, so it may block; after 30 s the
   * client is told 503 and the answer is dropped.
   *
   * @throws RequestRefusedException to answer with an error
   * @throws Exception anything else is a defect: it is logged, and the client is told 500
   */
  Response handle(Request request) throws Exception;
}
