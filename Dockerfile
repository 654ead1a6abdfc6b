# One node in one container: not root, and with a root file system that may be read-only. See docs/operator-guide.md.
#
#   docker build --tag dfft .
#   docker run --rm --volume node:/data --mount type=bind,src=$PWD/passphrase.txt,dst=/run/secrets/dfft-passphrase,readonly \
#     dfft node cli/main.ts init --name "Tax Agency" --jurisdiction JP --listen /ip4/0.0.0.0/tcp/4001 --passphrase-file /run/secrets/dfft-passphrase
#   docker run --init --read-only --cap-drop ALL --security-opt no-new-privileges --publish 4001:4001 --volume node:/data \
#     --mount type=bind,src=$PWD/passphrase.txt,dst=/run/secrets/dfft-passphrase,readonly dfft

FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# No install script is needed: LevelDB comes with a prebuilt binary, and Node is the image's own.
RUN npm ci --omit=dev --ignore-scripts

FROM node:24-slim
ENV NODE_ENV=production DFFT_DIR=/data
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json ./
COPY protocols ./protocols
COPY policies ./policies
COPY node ./node
COPY cli ./cli
# Keys and log: the volume takes the owner and the mode from here. The code stays root's, so the node cannot change it.
RUN install --directory --owner=node --group=node --mode=0700 /data
VOLUME /data
USER node
EXPOSE 4001 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["node", "cli/main.ts", "status", "--plain"]
CMD ["node", "--max-semi-space-size=32", "--expose-gc", "node/main.ts", "run", "--dir", "/data", "--passphrase-file", "/run/secrets/dfft-passphrase"]
