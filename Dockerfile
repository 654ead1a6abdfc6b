# One node in one container: not root, and with a root file system that may be read-only. See docs/operator-guide.md.
#
#   docker build --tag dfft .
#   docker run --rm --volume node:/data --mount type=bind,src=$PWD/passphrase.txt,dst=/run/secrets/dfft-passphrase,readonly \
#     dfft node app/dfft.cjs init --name "Tax Agency" --jurisdiction JP --listen /ip4/0.0.0.0/tcp/4001 --passphrase-file /run/secrets/dfft-passphrase
#   docker run --init --read-only --cap-drop ALL --security-opt no-new-privileges --publish 4001:4001 --volume node:/data \
#     --mount type=bind,src=$PWD/passphrase.txt,dst=/run/secrets/dfft-passphrase,readonly dfft

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json LICENSE README.md ./
# No install script is needed: the packages that have a binary bring it along, and Node is the image's own.
RUN npm ci --ignore-scripts
COPY protocols ./protocols
COPY policies ./policies
COPY node ./node
COPY cli ./cli
COPY test-network/package ./test-network/package
# Beside the compiled program go the packages that stay outside, at the versions of the lock file, with what they need and nothing else.
RUN node test-network/package/build.ts && node test-network/package/beside.ts && rm -r dist/maps

FROM node:24-slim
# No cache of compiled code: the node could write it, and the health check, which is not confined, would run it.
ENV NODE_ENV=production DFFT_DIR=/data
WORKDIR /app
COPY --from=build /app/dist ./
# Keys and log: the volume takes the owner and the mode from here. The code stays root's, so the node cannot change it.
RUN install --directory --owner=node --group=node --mode=0700 /data
VOLUME /data
USER node
EXPOSE 4001 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["node", "app/dfft.cjs", "status", "--plain"]
# Under Node's permission model: it reads its code and its secrets, writes its volume, and starts no process.
CMD ["node", "--permission", "--allow-fs-read=/app/*", "--allow-fs-read=/data/*", "--allow-fs-read=/run/secrets/*", "--allow-fs-read=/etc/alpine-release", "--allow-fs-read=/proc/self/fd", "--allow-fs-write=/data/*", "--allow-addons", "--disable-warning=PERM0001", "--max-semi-space-size=32", "--expose-gc", "app/node.js", "run", "--dir", "/data", "--passphrase-file", "/run/secrets/dfft-passphrase"]
