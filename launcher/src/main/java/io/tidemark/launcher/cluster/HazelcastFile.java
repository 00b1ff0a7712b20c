package io.tidemark.launcher.cluster;

import com.hazelcast.config.Config;
import com.hazelcast.config.XmlConfigBuilder;
import io.tidemark.launcher.config.ConfigException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.xml.sax.SAXException;
import org.xml.sax.helpers.DefaultHandler;

/** The file that says how Hazelcast finds the other nodes. */
public final class HazelcastFile {

  private HazelcastFile() {}

  /**
   * Reads it. Blocks.
   *
   * @param file an XML file of Hazelcast's; {@code ${name}} in it is a system property
   * @throws ConfigException if it cannot be read, or is no such file
   */
  public static Config read(String file) {
    try {
      byte[] xml = Files.readAllBytes(Path.of(file));
      checkWellFormed(xml);
      return new XmlConfigBuilder(new ByteArrayInputStream(xml)).build();
    } catch (IOException | InvalidPathException e) {
      throw new ConfigException(
          "cannot read '"
              + file
              + "' (cluster.hazelcast): "
              + e.getClass().getSimpleName()
              + "; a clustered node needs the configuration of Hazelcast");
    } catch (RuntimeException | SAXException e) {
      throw new ConfigException(
          "'" + file + "' (cluster.hazelcast) is no configuration of Hazelcast: " + reason(e));
    }
  }

  /** Hazelcast prints lines of its own about a file that is no XML. */
  private static void checkWellFormed(byte[] xml) throws IOException, SAXException {
    try {
      DocumentBuilder parser = DocumentBuilderFactory.newDefaultInstance().newDocumentBuilder();
      parser.setErrorHandler(new DefaultHandler());
      Document unused = parser.parse(new ByteArrayInputStream(xml));
    } catch (ParserConfigurationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String reason(Exception failure) {
    return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
  }
}
