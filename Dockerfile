# The image of the in-cluster Job (npm run job-manifest), and a probe image as well: Node and coreutils are in it.
FROM node:22-bookworm-slim
WORKDIR /verifier
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
CMD ["node", "--import", "tsx", "scripts/verify.ts", "--help"]
