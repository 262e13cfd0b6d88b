# The image of the in-cluster Job (npm run job-manifest), and a probe image as well: Node and coreutils are in it.
FROM node:22-bookworm-slim
WORKDIR /verifier
COPY package.json package-lock.json ./
# Playwright, tsx and Allure run the suite: they are development packages by name only.
RUN npm ci --include=dev
COPY . .
CMD ["node", "--import", "tsx", "scripts/verify.ts", "--help"]
