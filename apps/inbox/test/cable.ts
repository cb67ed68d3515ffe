import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** A network between browser and service that can be cut: open connections die, new ones are refused. */
export class Cable {
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;
  #target = 0;

  /** Lays it. `url` is where browsers go; `leadTo` says where it leads. */
  static async lay(): Promise<Cable> {
    const cable = new Cable();
    await cable.mend();
    return cable;
  }

  get url(): string {
    return `http://localhost:${this.#port}`;
  }

  leadTo(port: number): void {
    this.#target = port;
  }

  async cut(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    if (server === undefined) return;
    server.close();
    await once(server, "close");
  }

  async mend(): Promise<void> {
    if (this.#server !== undefined) return;
    this.#server = createServer((near) => {
      const far = connect(this.#target, "127.0.0.1");
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on("error", () => undefined);
        socket.on("close", () => {
          this.#sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      near.pipe(far).pipe(near);
    }).listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = (this.#server.address() as AddressInfo).port;
  }
}
