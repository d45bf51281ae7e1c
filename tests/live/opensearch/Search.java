import org.codelibs.opensearch.runner.OpenSearchRunner;

/** Runs one node of OpenSearch: directory, HTTP port, transport port. */
public class Search {
  public static void main(String[] arguments) throws Exception {
    OpenSearchRunner runner = new OpenSearchRunner();
    runner.onBuild((number, settings) -> {
      settings.put("network.host", "127.0.0.1");
      settings.put("http.port", arguments[1]);
      settings.put("transport.port", arguments[2]);
      settings.put("discovery.type", "single-node");
      settings.put("cluster.routing.allocation.disk.threshold_enabled", false);
    });
    try {
      runner.build(OpenSearchRunner.newConfigs().basePath(arguments[0]).clusterName("live")
                       .numOfNode(1).useLogger());
    } catch (Throwable failure) {
      failure.printStackTrace();
      System.exit(1);
    }
    Thread.sleep(Long.MAX_VALUE);
  }
}
