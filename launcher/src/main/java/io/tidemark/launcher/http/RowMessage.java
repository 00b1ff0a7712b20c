package io.tidemark.launcher.http;

import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.RefusedException;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;

/** The rows of a request that are one message: all of them, or none. */
final class RowMessage {

  private final int maxBytes;
  private final HttpServerRequest request;
  private final RowParser parser;
  private final Promise<UpdateBlock> result = Promise.promise();
  private long receivedBytes;

  RowMessage(Schema schema, int maxBytes, HttpServerRequest request) {
    this.maxBytes = maxBytes;
    this.request = request;
    this.parser = new RowParser(schema, maxBytes);
  }

  /** Reads the request to its end. Fails with a {@link RefusedException}. */
  Future<UpdateBlock> read() {
    request
        .handler(this::received)
        .endHandler(
            end -> {
              parser.lines().end();
              parse();
              result.tryComplete(parser.take());
            })
        .exceptionHandler(result::tryFail)
        .resume();
    return result.future();
  }

  private void received(Buffer chunk) {
    receivedBytes += chunk.length();
    if (receivedBytes > maxBytes) {
      result.tryFail(
          new RefusedException(
              FailureCode.TOO_LARGE,
              "the message has more than " + maxBytes + " bytes: split it into several"));
    } else if (!result.future().isComplete()) {
      parser.lines().add(chunk);
      parse();
    }
  }

  private void parse() {
    try {
      while (!result.future().isComplete() && parser.lines().hasNext()) {
        parser.parse();
      }
    } catch (RefusedException e) {
      result.tryFail(e);
    }
  }
}
