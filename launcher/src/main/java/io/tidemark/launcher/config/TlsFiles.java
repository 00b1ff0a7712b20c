package io.tidemark.launcher.config;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * The files of one side of a TLS connection, all PEM.
 *
 * @param certFile its own certificate, and those between it and the authority's
 * @param keyFile the private key of that certificate, not encrypted
 * @param caFile the authorities of which the other side has to show a certificate; null if it need
 *     not show one
 */
public record TlsFiles(Path certFile, Path keyFile, @Nullable Path caFile) {

  /** A chain of certificates, or a bundle of authorities, takes less. */
  private static final int MAX_FILE_BYTES = 1 << 20;

  /**
   * Reads all of them, and drops what it has read. Blocks.
   *
   * @throws ConfigException if one cannot be read, or does not hold what it should
   */
  public void check() {
    PemKeyCertOptions unused = keyCert();
    if (caFile != null) {
      PemTrustOptions unusedToo = trust(caFile);
    }
  }

  /**
   * The own certificate and its key, read into memory. Blocks.
   *
   * @throws ConfigException if one of the files cannot be read, or does not hold what it should
   */
  public PemKeyCertOptions keyCert() {
    PemKeyCertOptions options =
        new PemKeyCertOptions()
            .addCertValue(read("certificate", certFile))
            .addKeyValue(read("key", keyFile));
    try {
      // No file is named in the options, so it takes no Vert.x to load them.
      if (options.getKeyManagerFactory(null) == null) {
        throw unusable(certFile + "' and '" + keyFile, null);
      }
    } catch (ConfigException e) {
      throw e;
    } catch (Exception e) {
      throw unusable(certFile + "' and '" + keyFile, e);
    }
    return options;
  }

  /**
   * Trusts the authorities in {@code file}, and no others. Blocks.
   *
   * @throws ConfigException if the file cannot be read, or has no certificate
   */
  public static PemTrustOptions trust(Path file) {
    Buffer authorities = read("certificate", file);
    TrustManager[] unused = trustManagers(file, authorities);
    return new PemTrustOptions().addCertValue(authorities);
  }

  /** {@link #trust} for the JDK's own TLS. */
  public static TrustManager[] trustManagers(Path file) {
    return trustManagers(file, read("certificate", file));
  }

  private static TrustManager[] trustManagers(Path file, Buffer authorities) {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (Certificate authority :
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(authorities.getBytes()))) {
        store.setCertificateEntry("authority-" + store.size(), authority);
      }
      if (store.size() == 0) {
        throw unusable(file.toString(), null);
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      return factory.getTrustManagers();
    } catch (GeneralSecurityException | IOException e) {
      throw unusable(file.toString(), e);
    }
  }

  private static Buffer read(String what, Path file) {
    try {
      if (Files.size(file) > MAX_FILE_BYTES) {
        throw new ConfigException(
            "the "
                + what
                + " file '"
                + file
                + "' has more than "
                + MAX_FILE_BYTES
                + " bytes: name a PEM file");
      }
      return Buffer.buffer(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new ConfigException(
          "cannot read the "
              + what
              + " file '"
              + file
              + "': "
              + e.getClass().getSimpleName()
              + "; name a PEM file that this process may read");
    }
  }

  private static ConfigException unusable(String files, @Nullable Exception cause) {
    // Of the first lines only: what cannot be read as a key may be one all the same.
    String reason = cause == null ? "nothing in it" : cause.getClass().getSimpleName();
    return new ConfigException(
        "cannot use '" + files + "' for TLS: " + reason + "; they have to be PEM, the key too");
  }
}
