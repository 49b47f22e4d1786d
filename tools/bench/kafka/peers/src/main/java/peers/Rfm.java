package peers;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Recency, frequency and monetary value of one customer. */
public final class Rfm {
  static final int BYTES = 6 * Long.BYTES;

  public long firstOrder;
  public long lastOrder;
  public long lastSeen;
  public long orders;
  public double gross;
  public double meanInterval;

  void add(Event event) {
    lastSeen = Math.max(lastSeen, event.time);
    if (!event.isSale) {
      return;
    }
    if (orders == 0) {
      firstOrder = event.time;
    } else {
      meanInterval += ((event.time - lastOrder) / 86_400_000.0 - meanInterval) / orders;
    }
    lastOrder = event.time;
    orders++;
    gross += event.amount;
  }

  byte[] encode() {
    return ByteBuffer.allocate(BYTES).putLong(firstOrder).putLong(lastOrder).putLong(lastSeen).putLong(orders)
        .putDouble(gross).putDouble(meanInterval).array();
  }

  static Rfm decode(byte[] bytes) {
    Rfm rfm = new Rfm();
    if (bytes == null) {
      return rfm;
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    rfm.firstOrder = in.getLong();
    rfm.lastOrder = in.getLong();
    rfm.lastSeen = in.getLong();
    rfm.orders = in.getLong();
    rfm.gross = in.getDouble();
    rfm.meanInterval = in.getDouble();
    return rfm;
  }

  byte[] record(String customer, long eventTime) {
    String json = "{\"key\":\"" + customer + "\",\"event_time\":" + eventTime + ",\"customer_id\":\"" + customer
        + "\",\"first_order_at\":" + firstOrder + ",\"last_order_at\":" + lastOrder + ",\"orders\":" + orders
        + ",\"gross\":" + Math.round(gross * 100) / 100.0 + ",\"interval_mean_days\":" + meanInterval
        + ",\"mean_order_value\":" + gross / orders + "}";
    return json.getBytes(StandardCharsets.UTF_8);
  }
}
