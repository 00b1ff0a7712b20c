package io.tidemark.location.s3;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * The checksum that every S3 server checks a request's body against. Not for security: TLS and the
 * signature are.
 */
final class Md5 {

  private Md5() {}

  /** The checksum of some bytes, as the header {@code Content-MD5} has it. */
  static String base64(byte[] bytes, int offset, int length) {
    try {
      MessageDigest digest = MessageDigest.getInstance("MD5");
      digest.update(bytes, offset, length);
      return Base64.getEncoder().encodeToString(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has MD5", e);
    }
  }
}
