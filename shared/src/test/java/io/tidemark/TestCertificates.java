package io.tidemark;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Certificates for one test, as PEM files in a folder: an authority of its own, a server's and a
 * client's certificate that it signed, and their keys (PKCS #8, not encrypted). Two folders have
 * authorities that do not trust each other.
 *
 * @param folder where the files are
 */
public record TestCertificates(Path folder) {

  private static final Duration VALIDITY = Duration.ofDays(2);

  /**
   * Makes them.
   *
   * @param folder an existing folder
   * @param clientName the common name of the client's certificate
   */
  public static TestCertificates create(Path folder, String clientName) {
    TestCertificates certificates = new TestCertificates(folder);
    try {
      KeyPair authority = keys();
      X509Certificate ca = certificate("Test authority", authority, null, authority);
      certificates.write(certificates.ca(), "CERTIFICATE", ca.getEncoded());
      KeyPair server = keys();
      certificates.write(
          certificates.serverCertificate(),
          "CERTIFICATE",
          certificate("localhost", server, ca, authority).getEncoded());
      certificates.write(certificates.serverKey(), "PRIVATE KEY", server.getPrivate().getEncoded());
      KeyPair client = keys();
      certificates.write(
          certificates.clientCertificate(),
          "CERTIFICATE",
          certificate(clientName, client, ca, authority).getEncoded());
      certificates.write(certificates.clientKey(), "PRIVATE KEY", client.getPrivate().getEncoded());
    } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
      throw new IllegalStateException("cannot make certificates in " + folder, e);
    }
    return certificates;
  }

  /** What both sides trust. */
  public Path ca() {
    return folder.resolve("ca.pem");
  }

  /** Of {@code localhost}, {@code 127.0.0.1} and {@code ::1}. */
  public Path serverCertificate() {
    return folder.resolve("server.pem");
  }

  public Path serverKey() {
    return folder.resolve("server-key.pem");
  }

  public Path clientCertificate() {
    return folder.resolve("client.pem");
  }

  public Path clientKey() {
    return folder.resolve("client-key.pem");
  }

  private static KeyPair keys() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  /** A certificate of {@code keys}, signed by {@code issuer}, or by itself if that is null. */
  private static X509Certificate certificate(
      String name, KeyPair keys, X509Certificate issuer, KeyPair signer)
      throws IOException, GeneralSecurityException, OperatorCreationException {
    X500Principal subject = new X500Principal("CN=" + name);
    Instant now = Instant.now();
    X509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            issuer == null ? subject : issuer.getSubjectX500Principal(),
            new BigInteger(64, new java.security.SecureRandom()).add(BigInteger.ONE),
            Date.from(now.minus(VALIDITY)),
            Date.from(now.plus(VALIDITY)),
            subject,
            keys.getPublic());
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(issuer == null));
    if (issuer == null) {
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
    } else {
      builder.addExtension(Extension.subjectAlternativeName, false, localNames());
    }
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(
                new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate())));
  }

  private static GeneralNames localNames() {
    return new GeneralNames(
        new GeneralName[] {
          new GeneralName(GeneralName.dNSName, "localhost"),
          new GeneralName(GeneralName.iPAddress, "127.0.0.1"),
          new GeneralName(GeneralName.iPAddress, "::1")
        });
  }

  /** Only the owner may read it, or PostgreSQL refuses a key. */
  private void write(Path file, String type, byte[] content) throws IOException {
    Base64.Encoder lines = Base64.getMimeEncoder(64, new byte[] {'\n'});
    String pem =
        "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
            .formatted(type, lines.encodeToString(content));
    Files.writeString(file, pem);
    if (Files.getFileStore(file).supportsFileAttributeView("posix")) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
  }
}
