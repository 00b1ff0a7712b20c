package io.tidemark.location.s3;

import io.tidemark.location.DeterminateException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * PEM files for TLS: whom to trust, and who we are.
 *
 * @param caFile certificates of the authorities to trust, instead of those that Java trusts
 * @param certFile our certificate, and those between it and its authority
 * @param keyFile its private key, in the form {@code BEGIN PRIVATE KEY} (PKCS #8, no password)
 */
public record S3Tls(Optional<Path> caFile, Optional<Path> certFile, Optional<Path> keyFile) {

  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----");
  private static final List<String> ALGORITHMS = List.of("RSA", "EC", "Ed25519");

  /** Nothing of our own: Java's authorities, and no certificate to show. */
  public static final S3Tls NONE = new S3Tls(Optional.empty(), Optional.empty(), Optional.empty());

  public S3Tls {
    if (certFile.isPresent() != keyFile.isPresent()) {
      throw new IllegalArgumentException("'certFile' and 'keyFile' are given both or not at all");
    }
  }

  /** Whom to trust, from a file of certificates. Blocks. */
  static TrustManager[] trust(Path caFile) {
    try {
      KeyStore store = empty();
      int number = 0;
      for (Certificate certificate : certificates(caFile)) {
        store.setCertificateEntry("ca" + number++, certificate);
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      return factory.getTrustManagers();
    } catch (IOException | GeneralSecurityException e) {
      throw unusable(caFile, e);
    }
  }

  /** Who we are, from a certificate and its key. Blocks. */
  static KeyManager[] identity(Path certFile, Path keyFile) {
    try {
      KeyStore store = empty();
      Certificate[] chain = certificates(certFile).toArray(new Certificate[0]);
      char[] password = new char[0];
      store.setKeyEntry("key", privateKey(keyFile), password, chain);
      KeyManagerFactory factory =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(store, password);
      return factory.getKeyManagers();
    } catch (IOException | GeneralSecurityException e) {
      throw unusable(certFile, e);
    }
  }

  private static KeyStore empty() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static List<Certificate> certificates(Path file)
      throws IOException, CertificateException {
    List<Certificate> certificates =
        List.copyOf(
            CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file))));
    if (certificates.isEmpty()) {
      throw new CertificateException("it has no certificate");
    }
    return certificates;
  }

  private static PrivateKey privateKey(Path file) throws IOException, GeneralSecurityException {
    Matcher key = KEY.matcher(Files.readString(file));
    if (!key.find()) {
      throw new DeterminateException(
          file + " has no private key in PEM: it has to begin with BEGIN PRIVATE KEY");
    }
    PKCS8EncodedKeySpec spec =
        new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(key.group(1)));
    InvalidKeySpecException last = new InvalidKeySpecException();
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
      } catch (InvalidKeySpecException e) {
        last = e; // a key of another algorithm
      }
    }
    throw last;
  }

  private static DeterminateException unusable(Path file, Exception e) {
    return new DeterminateException("cannot use " + file + " for TLS: " + e, e);
  }
}
