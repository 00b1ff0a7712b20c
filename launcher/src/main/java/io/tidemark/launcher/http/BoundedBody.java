package io.tidemark.launcher.http;

import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.RefusedException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;

/** Reads a whole body that must not be large. */
final class BoundedBody {

  private BoundedBody() {}

  /** The body; fails with {@link FailureCode#TOO_LARGE} once it has more bytes than that. */
  static Future<Buffer> read(HttpServerRequest request, int maxBytes) {
    Promise<Buffer> result = Promise.promise();
    Buffer body = Buffer.buffer();
    request
        .handler(
            chunk -> {
              if (body.length() + chunk.length() <= maxBytes) {
                body.appendBuffer(chunk);
              } else {
                result.tryFail(
                    new RefusedException(
                        FailureCode.TOO_LARGE, "the body has more than " + maxBytes + " bytes"));
              }
            })
        .endHandler(end -> result.tryComplete(body))
        .exceptionHandler(result::tryFail);
    return result.future();
  }
}
