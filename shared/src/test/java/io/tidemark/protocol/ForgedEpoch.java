package io.tidemark.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.persist.Cbor;
import io.tidemark.protocol.Messages.InEpoch;
import java.io.IOException;

/** A message with another epoch than it was sent with. */
public final class ForgedEpoch {

  private ForgedEpoch() {}

  public static Object of(InEpoch message, long epoch) {
    if (message.epoch() == epoch) {
      return message;
    }
    try {
      ObjectNode tree = Cbor.mapper().valueToTree(message);
      return Cbor.mapper().treeToValue(tree.put("epoch", epoch), message.getClass());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
