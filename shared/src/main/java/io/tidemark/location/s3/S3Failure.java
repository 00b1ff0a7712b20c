package io.tidemark.location.s3;

import io.tidemark.location.DeterminateException;
import io.tidemark.location.ExternalException;
import io.tidemark.location.IndeterminateException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.NoSuchBucketException;

/**
 * Tells from statuses, error codes and types of exceptions whether a request that failed may have
 * happened. A read never has; a write that was sent has, unless the server surely refused it.
 */
final class S3Failure {

  static final int NOT_FOUND = 404;
  static final int CONFLICT = 409;
  static final int PRECONDITION_FAILED = 412;

  private static final int FORBIDDEN = 403;
  private static final int REQUEST_TIMEOUT = 408;
  private static final int SERVER_ERROR = 500;
  private static final int NOT_IMPLEMENTED = 501;

  /** The one code of 503 that says that the request was turned away before anything was done. */
  private static final String SLOW_DOWN = "SlowDown";

  private S3Failure() {}

  /** The failure of a request that changes nothing. */
  static ExternalException ofRead(String what, Throwable e) {
    ExternalException own = find(e, ExternalException.class);
    return own != null ? own : new DeterminateException(text(what, e), e);
  }

  /** The failure of a request that was sent at most once. */
  static ExternalException ofWrite(String what, Throwable e) {
    ExternalException own = find(e, ExternalException.class);
    if (own != null) {
      return own;
    }
    return surelyRefused(e)
        ? new DeterminateException(text(what, e), e)
        : new IndeterminateException(text(what, e) + "; it may have happened all the same", e);
  }

  /** The status of the answer, or 0 if there was none. */
  static int status(Throwable e) {
    AwsServiceException answer = find(e, AwsServiceException.class);
    return answer == null ? 0 : answer.statusCode();
  }

  /** Whether the object is not there, though its bucket is. */
  static boolean isMissing(Throwable e) {
    return status(e) == NOT_FOUND && find(e, NoSuchBucketException.class) == null;
  }

  private static boolean surelyRefused(Throwable e) {
    AwsServiceException answer = find(e, AwsServiceException.class);
    if (answer == null) {
      return neverSent(e);
    }
    int status = answer.statusCode();
    boolean refused = status >= 300 && status < SERVER_ERROR && status != REQUEST_TIMEOUT;
    return refused || status == NOT_IMPLEMENTED || SLOW_DOWN.equals(code(answer));
  }

  private static boolean neverSent(Throwable e) {
    return find(e, ConnectException.class) != null
        || find(e, UnknownHostException.class) != null
        || find(e, SSLHandshakeException.class) != null;
  }

  private static @Nullable String code(AwsServiceException e) {
    return e.awsErrorDetails() == null ? null : e.awsErrorDetails().errorCode();
  }

  private static String text(String what, Throwable e) {
    AwsServiceException answer = find(e, AwsServiceException.class);
    if (answer == null) {
      return "cannot " + what + ": " + root(e);
    }
    String code = code(answer);
    String text = "cannot " + what + ": " + answer.statusCode() + (code == null ? "" : " " + code);
    if (find(e, NoSuchBucketException.class) != null) {
      return text + ": make the bucket, or name another";
    }
    return answer.statusCode() == FORBIDDEN
        ? text + ": check the credentials and what they are allowed"
        : text;
  }

  /** What happened first: those around it only say that a request failed. */
  private static String root(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null
        && root.getCause() != root
        && (root instanceof SdkException || root.getCause() instanceof SdkException)) {
      root = root.getCause();
    }
    return root instanceof SdkException ? String.valueOf(root.getMessage()) : root.toString();
  }

  private static <T extends Throwable> @Nullable T find(Throwable e, Class<T> type) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return type.cast(cause);
      }
    }
    return null;
  }
}
